"""Any text made of the words that the grammar knows: it is read or left, and never fails."""

from __future__ import annotations

import asyncio
from datetime import date, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calls.ports import Utterance
from orchestrator.understanding.grammar import GrammarInterpreter
from orchestrator.understanding.vocabulary import VOCABULARIES, Vocabulary

TODAY = st.dates(date(2024, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2026, 1, 1), date.min, date.max]
)
PARAMETERS = ("arrival", "departure", "adults", "date", "time", "service")
FIGURES = st.tuples(
    st.sampled_from(
        [
            "{day}",
            "{day}.",
            "{day}.{month}.",
            "{day}.{month}.{year}",
            "{day}/{month}",
            "{day}:{minute:02}",
            "{year}",
        ]
        + ["{year}-{month:02}-{day:02}"] * 5
    ),
    st.fixed_dictionaries(
        {
            "day": st.integers(0, 32),
            "month": st.integers(0, 13),
            "minute": st.integers(0, 61),
            "year": st.integers(2026, 2028) | st.integers(0, 9999),
        }
    ),
).map(lambda parts: parts[0].format(**parts[1]))
FURTHER = ("-", ",", ".", "the", "at", "\u0130", "\u0664", "\u00b2")
"""Words and signs around what is read; a letter that is longer in lower case, and digits of other scripts."""


def words_of(vocabulary: Vocabulary) -> list[str]:
    """Return all words and phrases of a language."""
    fields = (getattr(vocabulary, name) for name in Vocabulary.__slots__)
    return sorted({word for words in fields if not isinstance(words, bool) for word in words})


TEXTS = {
    language: st.lists(
        st.sampled_from([*words_of(vocabulary), *FURTHER]) | FIGURES, min_size=2, max_size=8
    ).map(" ".join)
    for language, vocabulary in VOCABULARIES.items()
}


def interpret(text: str, language: str, today: date, **sent: Any) -> dict[str, Any]:
    """Return all parameters that the grammar reads in a text."""
    utterance = Utterance(
        text=text,
        language=language,
        today=today,
        missing_parameters=[name for name in PARAMETERS if name not in sent],
        sent_parameters=sent,
        services=("breakfast", "late_checkout"),
    )
    return dict(asyncio.run(GrammarInterpreter().interpret(utterance)))


@given(data=st.data(), language=st.sampled_from(sorted(VOCABULARIES)), today=TODAY)
def test_what_is_read_is_possible(data: st.DataObject, language: str, today: date) -> None:
    """Dates that are not in the past, a stay that ends after it begins, a time of the day, in any combination."""
    read = interpret(data.draw(TEXTS[language]), language, today)

    types = {"arrival": date, "departure": date, "adults": int, "date": date, "time": time, "service": str}
    assert {name: type(value) for name, value in read.items()} == {name: types[name] for name in read}
    assert all(read[name] >= today for name in ("arrival", "date") if name in read)
    assert "departure" not in read or read["arrival"] < read["departure"]


@given(data=st.data(), language=st.sampled_from(sorted(VOCABULARIES)), today=TODAY, arrival=TODAY)
def test_departure_after_an_arrival_that_was_sent(
    data: st.DataObject, language: str, today: date, arrival: date
) -> None:
    """It is later."""
    read = interpret(data.draw(TEXTS[language]), language, today, arrival=arrival)

    assert "arrival" not in read
    assert "departure" not in read or read["departure"] > arrival
