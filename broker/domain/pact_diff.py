"""The difference between two pacts, without what does not matter: identifiers and the order of keys and interactions."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import Any

from broker.domain.pact_content import INTERACTION_LISTS

CONTEXT_LINES = 5
MAX_LINES = 5_000
"""Of each pact; comparing takes up to the square of it."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference; `change` is `added`, `removed`, `position` or empty."""

    change: str
    text: str


CHANGES = {"+": "added", "-": "removed", "@": "position"}


def compare_pacts(old: dict[str, Any], new: dict[str, Any]) -> list[DiffLine]:
    """Return the changed lines with some lines around them; none if the pacts are equal."""
    lines = difflib.unified_diff(_lines(old), _lines(new), n=CONTEXT_LINES, lineterm="")
    # the first two name the files
    return [DiffLine(CHANGES.get(line[:1], ""), line) for line in list(lines)[2:]]


def _lines(pact: dict[str, Any]) -> list[str]:
    lists = {
        field: sorted((_without_id(item) for item in value), key=_sort_key)
        for field in INTERACTION_LISTS
        if isinstance(value := pact.get(field), list)
    }
    return json.dumps(pact | lists, indent=2, sort_keys=True, ensure_ascii=False).splitlines()[:MAX_LINES]


def _without_id(item: Any) -> Any:
    return {key: value for key, value in item.items() if key != "_id"} if isinstance(item, dict) else item


def _sort_key(item: Any) -> str:
    return json.dumps(item, sort_keys=True)
