"""Keys of a query: an unknown one is an error, because a misspelt filter would be no filter."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence


def find_key_error(key: str, known: Sequence[str]) -> str | None:
    """Return why a key cannot be used, with the known name nearest to it, or None."""
    if key in known:
        return None
    nearest = difflib.get_close_matches(key, known, n=1)
    hint = (
        f"did you mean '{nearest[0]}'?" if nearest else f"known parameters are {', '.join(known) or 'none'}"
    )
    return f"there is no parameter '{key[:100]}': {hint}"


def find_key_errors(keys: Iterable[str], known: Sequence[str]) -> dict[str, list[str]]:
    """Return the messages about all unknown keys, by key."""
    return {key: [message] for key in dict.fromkeys(keys) if (message := find_key_error(key, known))}


def find_repetition_errors(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the messages about keys with one value that are given several times, by key; `exclude` is a list without `[]`."""
    counts = Counter(key for key in keys if "[]" not in key and key != "exclude")
    return {key: [f"is given {count} times: give it once"] for key, count in counts.items() if count > 1}
