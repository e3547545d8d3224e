"""The form of telephone numbers."""

from __future__ import annotations

E164_PATTERN = r"\+[1-9][0-9]{6,14}"
"""A number with the prefix of its country and nothing but digits, as `+4930123456`; at most 15 digits (ITU-T E.164)."""
