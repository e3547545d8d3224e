"""The Retry-After header in both forms of RFC 9110."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestrator.resilience.retry_after import parse_retry_after

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 11:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 12:00:30 -0000", 30.0),
        ("86401", 86400.0),
        ("999999999", 86400.0),
        ("9" * 10, None),
        ("9" * 400, None),
        ("9" * 5000, None),
        ("\u0663", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86400.0),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Thu, 01 Jan 2026 12:00:30 +99999999999999999999", None),
        ("Thu, 99 Jan 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_parsed(value: str | None, seconds: float | None) -> None:
    """Seconds and dates give the seconds to wait, from zero to one day; anything else gives None."""
    assert parse_retry_after(value, now=NOW) == seconds
