"""Building blocks of the grammar's regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.understanding.vocabulary import Vocabulary


def any_of(words: Iterable[str]) -> str:
    """Return a pattern of all words; a longer one is preferred to its beginning."""
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})"


def count_pattern(vocabulary: Vocabulary) -> str:
    """Return a pattern of a number, in figures or as a word."""
    return rf"(?:\d{{1,3}}|{any_of(vocabulary.numbers)})"


def read_count(text: str, vocabulary: Vocabulary) -> int:
    """Return the value of what `count_pattern` matched."""
    return vocabulary.numbers.get(text) or int(text)
