"""Pseudonyms of phone numbers."""

from __future__ import annotations

from orchestrator.gdpr.pseudonyms import pseudonymize


def test_pseudonym_depends_on_number_and_key() -> None:
    """The same number has the same pseudonym; with another key it has another one, and never contains the number."""
    first, again, other = (pseudonymize("+4930123456", key) for key in (b"a", b"a", b"b"))

    assert first == again != other
    assert "123456" not in first
