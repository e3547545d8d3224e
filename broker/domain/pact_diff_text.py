"""The difference between two pacts as text, independent of the order of keys and interactions."""

from __future__ import annotations

import difflib
from typing import Any

from broker.domain.json_document import encode_canonical_json, encode_json
from broker.domain.pact_content import INTERACTION_LISTS, remove_generated_ids

MAX_LINES = 10_000
"""Lines of either document that are compared; finding the difference takes time quadratic in them."""


def diff_pacts(old: dict[str, Any], new: dict[str, Any], old_name: str, new_name: str) -> str:
    """Return a unified diff, or the statement that both are equal."""
    lines = (_lines(old), _lines(new))
    first, second = (part[:MAX_LINES] for part in lines)
    text = "\n".join(difflib.unified_diff(first, second, old_name, new_name, lineterm=""))
    if not text:
        return f"{old_name} and {new_name} have the same content\n"
    cut = any(len(part) > MAX_LINES for part in lines)
    return f"{text}\n" + (f"Only the first {MAX_LINES} lines are compared\n" if cut else "")


def _lines(pact: dict[str, Any]) -> list[str]:
    pact = remove_generated_ids(pact)
    document = {
        key: sorted(value, key=encode_canonical_json)
        if key in INTERACTION_LISTS and isinstance(value, list)
        else value
        for key, value in pact.items()
    }
    return encode_json(document, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
