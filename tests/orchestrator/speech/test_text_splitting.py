"""A text that is too long for one request is split at sentences, otherwise at words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.speech.text_splitting import split_text


@pytest.mark.parametrize(
    ("text", "length", "parts"),
    [
        ("Good evening.", 13, ["Good evening."]),
        ("Good evening. Welcome!", 13, ["Good evening.", "Welcome!"]),
        ("Good evening. Welcome!", 14, ["Good evening.", "Welcome!"]),
        ("Yes. No. Or perhaps?", 10, ["Yes. No.", "Or", "perhaps?"]),
        ("one two three", 8, ["one two", "three"]),
        ("At 10.30 there is tea", 12, ["At 10.30", "there is tea"]),
        ("Donaudampfschiff", 6, ["Donaud", "ampfsc", "hiff"]),
        ("First line\nsecond", 12, ["First line", "second"]),
        ("早上好。欢迎。", 4, ["早上好。", "欢迎。"]),
        ("a   b", 2, ["a", "b"]),
    ],
)
def test_text_is_split(text: str, length: int, parts: list[str]) -> None:
    """At the last sentence that fits, otherwise at the last word, otherwise within it."""
    assert split_text(text, length) == parts


@given(text=st.text(alphabet="ab .!\n", max_size=60), length=st.integers(1, 20))
def test_no_word_is_lost(text: str, length: int) -> None:
    """Every part fits and says something; only whitespace between the parts is dropped."""
    parts = split_text(text, length)

    assert all(0 < len(part) <= length for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
