"""Parses the Retry-After header."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
"""A longer delay counts as this one."""
# decimal digits of other scripts are not valid, and thousands of digits are no time
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def parse_retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds to wait that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date).

    From 0 to `MAX_RETRY_AFTER_SECONDS`; None if the header is absent or not valid.
    """
    if value is None:
        return None
    seconds = float(value) if _SECONDS.fullmatch(value.strip()) else _seconds_until(value, now)
    return None if seconds is None else min(max(0.0, seconds), MAX_RETRY_AFTER_SECONDS)


def _seconds_until(value: str, now: datetime | None) -> float | None:
    try:
        retry_at = parsedate_to_datetime(value)
        # the zone `-0000` is parsed as none at all
        retry_at = retry_at if retry_at.tzinfo else retry_at.replace(tzinfo=UTC)
        return (retry_at - (now or datetime.now(UTC))).total_seconds()
    # years and offsets of any size reach datetime unchecked
    except (ValueError, OverflowError, TypeError):
        return None
