"""JSON that clients send and get back: within limits, and with every number exactly as it was sent."""

from __future__ import annotations

import json
import math
import re
import secrets
from decimal import Decimal
from typing import Any

MAX_NESTING = 200
"""Levels of arrays and objects; Python's JSON encoder fails at about 1000."""

MAX_NUMBER_LENGTH = 4300
"""Characters of a number; Python converts no longer integers."""

# never leaves the process, so that no string of a client can be taken for a number
_MARK = f"number-{secrets.token_hex(16)}:"
_MARKED_NUMBER = re.compile(rf'"{_MARK}([^"]*)"')


class ExactNumber:
    """A number that no float or int of Python writes as it was sent, such as `1563454500.123456789` or `1.00`.

    Args:
        text: the number as it was sent.
    """

    # no dataclass: `dataclasses.asdict` would take a number in a document apart
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactNumber) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def canonical_text(self) -> str:
        """Return the shortest text of the same value if a double has that value, else the text as it was sent."""
        shortest = repr(float(self.text))
        try:
            return shortest if Decimal(shortest) == Decimal(self.text) else self.text
        except ArithmeticError:
            # an exponent beyond those of Decimal
            return self.text


def decode_json(text: str | bytes) -> Any:
    """Return the value of a JSON document; a number that Python would change is an `ExactNumber`.

    Raises:
        ValueError: The text is not JSON; NaN, Infinity and numbers beyond a double are not JSON here either.
    """
    try:
        return json.loads(
            text, parse_constant=_reject_constant, parse_float=_parse_decimal, parse_int=_parse_integer
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def encode_json(value: Any, **options: Any) -> str:
    """Return a value as JSON, each `ExactNumber` with the text it was sent with.

    Args:
        value: the value.
        options: options of `json.dumps` for the layout.
    """
    return _restore_numbers(json.dumps(value, default=_mark_number, **options))


def encode_canonical_json(value: Any, *, sort_keys: bool = True) -> str:
    """Return a value as compact JSON in which equal numbers have equal texts, for comparing documents."""
    text = json.dumps(
        value, default=_mark_canonical, sort_keys=sort_keys, separators=(",", ":"), ensure_ascii=False
    )
    return _restore_numbers(text)


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


def _parse_decimal(text: str) -> float | ExactNumber:
    _check_length(text)
    number = float(text)
    # Python reads 1e999 as infinity, which cannot be written as JSON again
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number if repr(number) == text else ExactNumber(text)


def _parse_integer(text: str) -> int | ExactNumber:
    _check_length(text)
    number = int(text)
    # -0 is the only integer that is changed
    return number if number or text == "0" else ExactNumber(text)


def _check_length(text: str) -> None:
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError(f"the number {text[:40]}… has more than {MAX_NUMBER_LENGTH} characters")


def _mark_number(value: Any) -> str:
    return _MARK + _require_number(value).text


def _mark_canonical(value: Any) -> str:
    return _MARK + _require_number(value).canonical_text()


def _require_number(value: Any) -> ExactNumber:
    if not isinstance(value, ExactNumber):
        raise TypeError(f"a {type(value).__name__} is not JSON")
    return value


def _restore_numbers(text: str) -> str:
    return _MARKED_NUMBER.sub(r"\1", text) if _MARK in text else text
