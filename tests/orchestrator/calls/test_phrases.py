"""Phrases that the voice agent speaks."""

from __future__ import annotations

import pytest

from orchestrator.calls.phrases import PHRASES, SPOKEN_DATE_FORMATS, render_phrase


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "I have changed your stay: it is from 3 May 2027 to 10 December 2027."),
        ("de", "Ihr Aufenthalt ist nun vom 3. Mai 2027 bis zum 10. Dezember 2027."),
        ("fr", "Votre séjour est maintenant du 3 mai 2027 au 10 décembre 2027."),
    ],
)
def test_date_is_written_out(language: str, phrase: str) -> None:
    """A speech synthesiser reads an ISO date as digits."""
    values = {"arrival": "2027-05-03", "departure": "2027-12-10"}

    assert render_phrase(language, "changed", values) == phrase


def test_every_language_has_a_date_format() -> None:
    """A language without one would fail at its first date."""
    assert SPOKEN_DATE_FORMATS.keys() == PHRASES.keys()
