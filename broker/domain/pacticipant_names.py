"""Similar pacticipant names: a misspelled name would create a second pacticipant."""

from __future__ import annotations

import re
from collections.abc import Iterable

GENERIC_WORDS = {"api", "provider", "service"}


def find_similar_names(name: str, existing: Iterable[str]) -> list[str]:
    """Return the existing names that differ only in case, separators, a plural or a generic word; none for a known name."""
    existing = list(existing)
    if name in existing:
        return []
    return [other for other in existing if _significant_words(other) == _significant_words(name)]


def display_name(name: str) -> str:
    """Return a name for display: `bar-serviceApi` becomes `Bar Service Api`."""
    words = re.split(r"[\s_.-]+", _split_camel_case(name))
    return " ".join(word[:1].upper() + word[1:] for word in words if word)


def _significant_words(name: str) -> list[str]:
    words = [word.lower().removesuffix("s") for word in re.split(r"[\s_-]+", _split_camel_case(name)) if word]
    return [word for word in words if word not in GENERIC_WORDS]


def _split_camel_case(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
