"""Dates of the Apaleo stub's hotel: nights, time slices and timestamps in its time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from provider_verification.stubs.sdk import RequestRejected

TIME_ZONE = ZoneInfo("Europe/Berlin")
DATE_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST_DATE, LATEST_DATE = date(1970, 1, 1), date(2199, 12, 31)
MAX_STAY_YEARS = 5
CHECK_IN_HOUR, CHECK_OUT_HOUR = 15, 11


def nights_between(arrival: date, departure: date) -> list[date]:
    """The nights of a stay, by the date on which each begins; empty if departure is not after arrival."""
    return [arrival + timedelta(days=offset) for offset in range((departure - arrival).days)]


def is_too_long(first: date, last: date) -> bool:
    """Whether an interval is longer than Apaleo's booking spec allows for a stay."""
    return (last.year - MAX_STAY_YEARS, last.month, last.day) > (first.year, first.month, first.day)


def parse_date(text: str) -> date:
    """The date of a plain date or of a date-time.

    Raises:
        RequestRejected: the text does not begin with a date, or with one that no hotel sells.
    """
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        day = date.min
    # Python also reads ISO week dates; and the days around a stay must be dates too.
    if not DATE_PATTERN.match(text) or not EARLIEST_DATE <= day <= LATEST_DATE:
        bounds = f"from {EARLIEST_DATE} to {LATEST_DATE}"
        raise RequestRejected("invalid", f"'{text[:40]}' should be a date such as 2027-05-10, {bounds}")
    return day


def local_timestamp(day: date, hour: int) -> str:
    """A date-time in the hotel's time zone; Apaleo sends an offset and no fraction of a second."""
    return datetime.combine(day, time(hour), TIME_ZONE).isoformat()


def night_bounds(night: date) -> dict[str, str]:
    """`from` and `to` of an overnight time slice: check-in of one day to check-out of the next."""
    return {
        "from": local_timestamp(night, CHECK_IN_HOUR),
        "to": local_timestamp(night + timedelta(days=1), CHECK_OUT_HOUR),
    }
