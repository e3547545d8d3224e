"""Decoding of JSON that clients sent, within what the broker can store and return."""

from __future__ import annotations

import json
import math
from typing import Any

MAX_NESTING = 200
"""Levels of arrays and objects; Python's JSON encoder fails at about 1000."""


def decode_json(text: str | bytes) -> Any:
    """Return the value of a JSON document.

    Raises:
        ValueError: The text is not JSON; NaN, Infinity and numbers beyond a double are not JSON here either.
    """
    try:
        # Python reads 1e999 as infinity, which cannot be written as JSON again
        return json.loads(text, parse_constant=_reject_constant, parse_float=_parse_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def find_value_error(value: Any) -> str | None:
    """Return why a decoded value cannot be stored, or None."""
    # level by level instead of recursively, because the depth is what is checked
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            return f"is nested more than {MAX_NESTING} levels deep"
        if any(isinstance(item, str) and not is_unicode(item) for item in level):
            return "is not valid Unicode"
        level = [child for item in level for child in _children(item)]
    return None


def is_unicode(text: str) -> bool:
    """Return whether a text can be encoded; a JSON escape can name half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")


def _parse_finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number
