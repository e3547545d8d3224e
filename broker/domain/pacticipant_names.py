"""Whether a new name is suspiciously like an old one: a typing error would make a second pacticipant."""

from __future__ import annotations

import re
from collections.abc import Iterable

GENERIC_WORDS = {"api", "provider", "service"}


def find_similar_names(name: str, existing: Iterable[str]) -> list[str]:
    """The existing names that differ from a new one in case, separators, a plural or a word like `service` only."""
    existing = list(existing)
    if name in existing:
        return []
    return [other for other in existing if _words(other) == _words(name)]


def _words(name: str) -> list[str]:
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = [word.lower().removesuffix("s") for word in re.split(r"[\s_-]+", parted) if word]
    return [word for word in words if word not in GENERIC_WORDS]


def display_name(name: str) -> str:
    """A name as people write it: `bar-serviceApi` is `Bar Service Api`."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[\s_.-]+", parted) if word)
