"""Pseudonyms of phone numbers."""

from __future__ import annotations

from orchestrator.gdpr.pseudonyms import pseudonymize


def test_pseudonym_depends_on_key() -> None:
    """The same person has the same pseudonym, and another one with another key."""
    first, again, other = (pseudonymize("+4930123456", key) for key in (b"a", b"a", b"b"))

    assert first == again != other
    assert "123456" not in first
