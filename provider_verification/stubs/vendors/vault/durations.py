"""Durations as Vault reads and writes them: seconds, or Go's form such as `1h30m`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

MAX_SECONDS = 9_223_372_036
"""Go counts a duration in nanoseconds in 64 bits."""

UNIT_SECONDS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
PART = r"([0-9]{1,19}(?:\.[0-9]{1,9})?)(ns|us|ms|s|m|h|d)"
PART_PATTERN = re.compile(PART)
DURATION_PATTERN = re.compile(rf"(?:{PART}){{1,8}}")
INTEGER_PATTERN = re.compile(r"[0-9]{1,10}")


class InvalidDurationError(ValueError):
    """A value that is not a duration; the text is Vault's."""

    def __init__(self, value: Any) -> None:
        super().__init__(f'time: invalid duration "{value}"')


def parse_duration(value: Any) -> int:
    """Return whole seconds; an empty text and null are 0.

    Raises:
        InvalidDurationError: the value is no duration, is negative, or is longer than Go can count.
    """
    text = "" if value is None else str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise InvalidDurationError(text)
    if not text:
        return 0
    if INTEGER_PATTERN.fullmatch(text):
        seconds = int(text)
    elif DURATION_PATTERN.fullmatch(text):
        seconds = int(
            sum(Decimal(number) * UNIT_SECONDS[unit] for number, unit in PART_PATTERN.findall(text))
        )
    else:
        raise InvalidDurationError(text)
    if seconds > MAX_SECONDS:
        raise InvalidDurationError(text)
    return seconds


def format_duration(seconds: int) -> str:
    """Return Go's form: `0s`, `1m30s`, `1h0m0s`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def short_duration(seconds: int) -> str:
    """Return Go's form without its trailing zeros, as Vault's warnings have it: `768h`, `1h30m`, `6s`."""
    text = format_duration(seconds)
    text = text.removesuffix("0s") if text.endswith("m0s") else text
    return text.removesuffix("0m") if text.endswith("h0m") else text
