"""Keys of a query or of a selector: an unknown one is an error, because a misspelled filter would be no filter."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

MAX_REPORTED_KEYS = 20
MAX_SHOWN_LENGTH = 100
"""Characters of a key; the search for the nearest known one takes longer with the length and the number of keys."""


def find_key_errors(
    keys: Iterable[str], known: Sequence[str], kind: str = "parameter"
) -> dict[str, list[str]]:
    """Return the messages about the first unknown keys, by key, with the known name nearest to each.

    Args:
        keys: the keys.
        known: the known names.
        kind: what a key is, as one word.
    """
    unknown = (key for key in dict.fromkeys(keys) if key not in known)
    return {key: [_describe(key, known, kind)] for key in islice(unknown, MAX_REPORTED_KEYS)}


def _describe(key: str, known: Sequence[str], kind: str) -> str:
    shown = key[:MAX_SHOWN_LENGTH]
    nearest = difflib.get_close_matches(shown, known, n=1)
    hint = f"did you mean '{nearest[0]}'?" if nearest else f"known {kind}s are {', '.join(known) or 'none'}"
    return f"there is no {kind} '{shown}': {hint}"


def find_repetition_errors(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the messages about keys with one value that are given several times, by key; `exclude` is a list without `[]`."""
    counts = Counter(key for key in keys if "[]" not in key and key != "exclude")
    return {key: [f"is given {count} times: give it once"] for key, count in counts.items() if count > 1}
