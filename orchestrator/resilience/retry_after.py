"""Parses the Retry-After header."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds to wait that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date).

    Never negative; None if the header is absent or not valid.
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        retry_at = parsedate_to_datetime(value)
    except ValueError:
        return None
    # the zone `-0000` is parsed as none at all
    retry_at = retry_at if retry_at.tzinfo else retry_at.replace(tzinfo=UTC)
    return max(0.0, (retry_at - (now or datetime.now(UTC))).total_seconds())
