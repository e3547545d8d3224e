"""JSON that clients send and get back: within limits, and with every number exactly as it was sent."""

from __future__ import annotations

import json
import math
import re
import secrets
from decimal import Decimal
from functools import partial
from typing import Any

MAX_NESTING = 200
"""Levels of arrays and objects; Python's JSON encoder fails at about 1000."""

MAX_NUMBER_LENGTH = 4300
"""Characters of a number; Python converts no longer integers."""

# never leaves the process, so that no string of a client can be taken for a number
_MARK = f"number-{secrets.token_hex(16)}:"
_MARKED_NUMBER = re.compile(rf'"{_MARK}([^"]*)"')
_NEGATIVE_ZERO = "-0"
_CONTAINERS = {dict, list}
_TOO_DEEP = f"is nested more than {MAX_NESTING} levels deep"
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


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
        if self.text == _NEGATIVE_ZERO:
            # an integer, which its shortest text as a double would not be
            return self.text
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


def decode_json_at(text: str, start: int) -> tuple[Any, int]:
    """Return the value that begins in the middle of a JSON document, and the position behind it.

    Raises:
        ValueError: As of `decode_json`.
        RecursionError: The value is nested too deeply.
    """
    return _DECODER.raw_decode(text, start)


def decode_text(raw: bytes) -> str:
    """Return the text of a JSON document in UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: The bytes are none of them.
    """
    # as json.loads does: half of a surrogate pair is an error of the field that has it
    return raw.decode(json.detect_encoding(raw), "surrogatepass")


def encode_json(value: Any, **options: Any) -> str:
    """Return a value as JSON, each `ExactNumber` with the text it was sent with.

    Args:
        value: the value.
        options: options of `json.dumps` for the layout.
    """
    encoder = _encoder(**options) if options else _ENCODER
    return _restore_numbers(encoder.encode(value))


def encode_canonical_json(value: Any, *, sort_keys: bool = True) -> str:
    """Return a value as compact JSON in which equal numbers have equal texts, for comparing documents."""
    encoder = _CANONICAL_ENCODER if sort_keys else _CANONICAL_ENCODER_IN_ORDER
    return _restore_numbers(encoder.encode(value))


def find_value_error(value: Any, source: str | None = None, outer_levels: int = 0) -> str | None:
    """Return why a decoded value cannot be stored, or None.

    Args:
        value: the value.
        source: the text that it was decoded from, which shows faster than the value that all strings are valid.
        outer_levels: levels of the document around the value, if the source is the text of this part alone.
    """
    if source is not None and not _may_have_surrogates(source):
        # brackets in strings count too, so that this is at least the depth
        may_be_too_deep = source.count("[") + source.count("{") + outer_levels >= MAX_NESTING
        return _TOO_DEEP if may_be_too_deep and _is_too_deep(value, outer_levels) else None
    # level by level instead of recursively, because the depth is what is checked
    level, depth = [value], outer_levels
    while level:
        depth += 1
        if depth > MAX_NESTING:
            return _TOO_DEEP
        if any(isinstance(item, str) and not is_unicode(item) for item in level):
            return "is not valid Unicode"
        level = [child for item in level for child in _children(item)]
    return None


def is_unicode(text: str) -> bool:
    """Return whether a text can be encoded; a JSON escape can name half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_have_surrogates(source: str) -> bool:
    """Return whether a string in a JSON document may have half of a surrogate pair; a whole pair is escaped alike."""
    # the search for a text is many times faster than that for a pattern, and most documents have no such escape
    has_escape = "\\u" in source and _SURROGATE_ESCAPE.search(source) is not None
    return has_escape or not is_unicode(source)


def _is_too_deep(value: Any, outer_levels: int) -> bool:
    # scalars are left out, because they are most of a document
    level = [value] if type(value) in _CONTAINERS else []
    depth = 1 + outer_levels
    while level and depth < MAX_NESTING:
        depth += 1
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if type(child) in _CONTAINERS
        ]
    # what these contain is one level deeper
    return any(level)


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
    # the only integer that Python would change
    return ExactNumber(text) if text == _NEGATIVE_ZERO else int(text)


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


_DECODER = json.JSONDecoder(
    parse_constant=_reject_constant, parse_float=_parse_decimal, parse_int=_parse_integer
)
# what was decoded from JSON has no cycle
_encoder = partial(json.JSONEncoder, default=_mark_number, check_circular=False)
_ENCODER = _encoder()
_CANONICAL_ENCODER, _CANONICAL_ENCODER_IN_ORDER = (
    json.JSONEncoder(
        default=_mark_canonical,
        sort_keys=sort_keys,
        separators=(",", ":"),
        ensure_ascii=False,
        check_circular=False,
    )
    for sort_keys in (True, False)
)
