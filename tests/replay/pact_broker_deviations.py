"""Where the embedded broker answers otherwise than the recorded one, by the number and name of the exchange, and why."""

from __future__ import annotations

OPTIONAL_KEYS = {"curies", "title", "updatedAt", "templated"}
"""Keys that no client needs: documentation, wording, and times of updates."""

DEVIATIONS: dict[str, str] = {}
