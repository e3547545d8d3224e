"""Scalars in the JSON of requests, read as Go's `protojson` reads them."""

from __future__ import annotations

import base64
import binascii
import functools
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

MAX_DIGITS = 20
"""Of the largest uint64; a number with more digits is out of every range."""
MAX_DURATION_SECONDS = 315_576_000_000
NUMBER_IN_TEXT_PATTERN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![-+._0-9a-zA-Z])")
DURATION_PATTERN = re.compile(r"([-+]?)(0|[1-9][0-9]*|(?=\.))(?:\.([0-9]{0,9}))?s")
BASE64_ALPHABETS = (re.compile(r"[A-Za-z0-9+/]*={0,2}"), re.compile(r"[A-Za-z0-9_-]*={0,2}"))
FLOAT_NAMES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Number(str):
    """The literal of a JSON number: as a float it would lose digits of an int64."""

    __slots__ = ()


def read_string(value: Any) -> str:
    """Return a text.

    Raises:
        ValueError: the value is not a text.
    """
    if type(value) is not str:
        raise ValueError("a text is expected")
    return value


def read_boolean(value: Any) -> bool:
    """Return a boolean.

    Raises:
        ValueError: the value is not a boolean; "true" as text is none.
    """
    if type(value) is not bool:
        raise ValueError("a boolean is expected")
    return value


def read_integer(value: Any, minimum: int, maximum: int) -> int:
    """Return an integer, from a number or from a text that begins with one; `1e2` and `1.0` are integers.

    Raises:
        ValueError: the value is not a number, has a fraction or is out of range.
    """
    try:
        number = Decimal(_number_literal(value))
        if (number and number.adjusted() > MAX_DIGITS) or number != number.to_integral_value():
            raise ValueError("an integer is expected")
        integer = int(number)
    except ArithmeticError:
        raise ValueError("the exponent is out of range") from None
    if not minimum <= integer <= maximum:
        raise ValueError(f"the number should be between {minimum} and {maximum}")
    return integer


def read_float(value: Any) -> float:
    """Return a floating-point number.

    Raises:
        ValueError: the value is not a number, or too large for a double.
    """
    if type(value) is str and value in FLOAT_NAMES:
        return FLOAT_NAMES[value]
    number = float(_number_literal(value))
    if math.isinf(number):
        raise ValueError("the number is too large")
    return number


def read_bytes(value: Any) -> bytes:
    """Return the bytes of a text in base64, of either alphabet, with or without padding; line ends are ignored.

    Raises:
        ValueError: the value is not base64.
    """
    text = read_string(value)
    is_padded = len(text) % 4 == 0
    text = text.replace("\r", "").replace("\n", "")
    if not any(alphabet.fullmatch(text) for alphabet in BASE64_ALPHABETS):
        raise ValueError("base64 is expected")
    if not is_padded and "=" in text:
        raise ValueError("the padding of the base64 is not complete")
    padding = "" if is_padded else "=" * (-len(text) % 4)
    try:
        return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + padding)
    except binascii.Error:
        raise ValueError("base64 is expected") from None


def read_enum(enum: EnumDescriptor, value: Any) -> int | None:
    """Return the number of an enum's value, from its name or number; None if the enum does not have it.

    Raises:
        ValueError: the value is neither a text nor an integer of 32 bits.
    """
    if type(value) is str:
        known = enum.values_by_name.get(value)
        return known.number if known else None
    if type(value) is not Number:
        raise ValueError("a name or a number is expected")
    number = read_integer(value, -(2**31), 2**31 - 1)
    # Go keeps a number that the enum does not have; the schemas know only those it has.
    return number if number in enum.values_by_number else None


def read_duration(value: Any) -> Duration:
    """Return a duration such as `1.5s`.

    Raises:
        ValueError: the value is not a duration, or longer than 10,000 years.
    """
    match = DURATION_PATTERN.fullmatch(read_string(value))
    if match is None:
        raise ValueError("seconds with the suffix s are expected")
    sign = -1 if match[1] == "-" else 1
    seconds = read_integer(Number(match[2] or "0"), 0, MAX_DURATION_SECONDS)
    return Duration(seconds=sign * seconds, nanos=sign * int((match[3] or "").ljust(9, "0")))


def read_timestamp(value: Any) -> Timestamp:
    """Return a time as of RFC 3339.

    Raises:
        ValueError: the value is not a time.
    """
    timestamp = Timestamp()
    timestamp.FromJsonString(read_string(value))
    return timestamp


def _number_literal(value: Any) -> str:
    if type(value) is Number:
        return value
    match = NUMBER_IN_TEXT_PATTERN.match(read_string(value))
    # Go checks for whitespace around the text, and then reads no further than the number.
    if match is None or value != value.strip():
        raise ValueError("a number is expected")
    return match[0]


def _integer_reader(minimum: int, maximum: int) -> Callable[[Any], int]:
    return functools.partial(read_integer, minimum=minimum, maximum=maximum)


_Type = FieldDescriptor
SCALAR_READERS: Mapping[int, Callable[[Any], Any]] = {
    _Type.TYPE_STRING: read_string,
    _Type.TYPE_BOOL: read_boolean,
    _Type.TYPE_BYTES: read_bytes,
    _Type.TYPE_DOUBLE: read_float,
    **dict.fromkeys((_Type.TYPE_INT32, _Type.TYPE_SINT32), _integer_reader(-(2**31), 2**31 - 1)),
    **dict.fromkeys((_Type.TYPE_INT64, _Type.TYPE_SINT64), _integer_reader(-(2**63), 2**63 - 1)),
    _Type.TYPE_UINT32: _integer_reader(0, 2**32 - 1),
    _Type.TYPE_UINT64: _integer_reader(0, 2**64 - 1),
}
"""How the value of a field is read, by the field's type; enums and messages have readers of their own."""
