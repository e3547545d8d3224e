"""Comparison of the interactions of two pacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PactChanges:
    """The descriptions of the interactions that one pact has and the other has not, each sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def compare_pacts(old: Mapping[str, Any], new: Mapping[str, Any]) -> PactChanges:
    """The interactions that `new` adds to or removes from `old`; changed content is not compared.

    Args:
        old: an earlier pact document; one without interactions, such as `{}`, for a first pact.
        new: the current pact document.
    """
    old_descriptions, new_descriptions = _descriptions(old), _descriptions(new)
    return PactChanges(
        added=tuple(sorted((new_descriptions - old_descriptions).elements())),
        removed=tuple(sorted((old_descriptions - new_descriptions).elements())),
    )


def _descriptions(pact: Mapping[str, Any]) -> Counter[str]:
    """A count per description: two interactions may differ only in their provider states."""
    return Counter(interaction["description"] for interaction in pact.get("interactions", ()))
