"""When a guest is called, with a fake clock: time zones, the changes to and from summer time, retries."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calls.outbound_order import OrderRejectedError
from orchestrator.outbound_calls.schedule import MAX_DAYS_AHEAD, RetryLimits, local_time, resolve_time

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
"""The days on which the clocks change in Berlin."""
DUE = datetime(2027, 5, 1, 5, tzinfo=UTC)
LIMITS = RetryLimits(max_attempts=3, interval=timedelta(minutes=2), max_delay=timedelta(minutes=15))
LORD_HOWE, SANTIAGO = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago")
"""Where the clock changes by half an hour, and where it changes at midnight."""
CHANGES = [
    (zone, day)
    for zone, days in (
        (BERLIN, [SPRING, AUTUMN]),
        (NEW_YORK, [date(2027, 3, 14), date(2027, 11, 7)]),
        (LORD_HOWE, [date(2027, 4, 4), date(2027, 10, 3)]),
        (SANTIAGO, [date(2027, 4, 3), date(2027, 4, 4), date(2027, 9, 5)]),
    )
    for day in days
]
TIMES = st.builds(time, st.integers(0, 3) | st.integers(0, 23), st.integers(0, 59))


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2027, 1, 15), time(7), BERLIN, utc(2027, 1, 15, 6)),
        (date(2027, 7, 15), time(7), BERLIN, utc(2027, 7, 15, 5)),
        (date(2027, 7, 15), time(7), NEW_YORK, utc(2027, 7, 15, 11)),
        # 02:00 to 03:00 does not exist: 02:30 becomes 03:30
        (SPRING, time(2), BERLIN, utc(2027, 3, 28, 1)),
        (SPRING, time(2, 30), BERLIN, utc(2027, 3, 28, 1, 30)),
        (SPRING, time(3), BERLIN, utc(2027, 3, 28, 1)),
        (SPRING, time(1, 59), BERLIN, utc(2027, 3, 28, 0, 59)),
        # 02:00 to 03:00 exists twice: the first one is in summer time
        (AUTUMN, time(2), BERLIN, utc(2027, 10, 31, 0)),
        (AUTUMN, time(2, 59), BERLIN, utc(2027, 10, 31, 0, 59)),
        (AUTUMN, time(3), BERLIN, utc(2027, 10, 31, 2)),
    ],
    ids=str,
)
def test_time_of_day_is_that_of_the_clock_at_the_hotel(
    day: date, at: time, zone: ZoneInfo, expected: datetime
) -> None:
    """Also on the days on which the clock changes."""
    # in UTC, because Python takes times that exist twice for unequal to those of another zone
    assert local_time(day, at, zone).astimezone(UTC) == expected


def test_time_that_does_not_exist_is_told_as_it_will_be_on_the_clock() -> None:
    """The guest hears 03:30, not the 02:30 that no clock shows."""
    assert f"{local_time(SPRING, time(2, 30), BERLIN):%H:%M %z}" == "03:30 +0200"


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        (utc(2027, 5, 1, 4), time(7), utc(2027, 5, 1, 5)),
        (utc(2027, 5, 1, 5), time(7), utc(2027, 5, 2, 5)),
        # 22:30 UTC is the next day in Berlin
        (utc(2027, 5, 1, 22, 30), time(7), utc(2027, 5, 2, 5)),
        # the night of the change: the same time on the clock is 23 or 25 hours later
        (utc(2027, 3, 27, 6, 30), time(7), utc(2027, 3, 28, 5)),
        (utc(2027, 10, 30, 5, 30), time(7), utc(2027, 10, 31, 6)),
        # the second 02:30 of the night is not taken
        (utc(2027, 10, 31, 0, 45), time(2, 30), utc(2027, 11, 1, 1, 30)),
    ],
    ids=str,
)
def test_time_without_date_is_the_next_one(now: datetime, at: time, expected: datetime) -> None:
    """Today if it is still to come, otherwise tomorrow."""
    assert resolve_time(at, None, BERLIN, now).astimezone(UTC) == expected


@pytest.mark.parametrize(
    ("day", "at", "reason"),
    [
        (date(2027, 5, 1), time(6, 59), "in_the_past"),
        (date(2027, 5, 1), time(7), "in_the_past"),
        (date(2027, 4, 30), time(23), "in_the_past"),
        (date(1, 1, 1), time(0), "in_the_past"),
        (date(2027, 5, 1) + timedelta(days=MAX_DAYS_AHEAD + 1), time(7), "too_far_ahead"),
        (date(9999, 12, 31), time(23, 59), "too_far_ahead"),
    ],
    ids=str,
)
def test_time_that_cannot_be_ordered_is_rejected(day: date, at: time, reason: str) -> None:
    """Also at both ends of the calendar."""
    with pytest.raises(OrderRejectedError) as rejection:
        resolve_time(at, day, BERLIN, DUE)

    assert rejection.value.reason == reason


def test_latest_day_is_accepted() -> None:
    """A whole year ahead."""
    assert resolve_time(time(7), date(2028, 4, 30), BERLIN, DUE) == utc(2028, 4, 30, 5)


@given(change=st.sampled_from(CHANGES), days_later=st.just(0) | st.integers(-400, 400), at=TIMES)
def test_any_time_of_any_day_is_the_first_one_on_the_clock(
    change: tuple[ZoneInfo, date], days_later: int, at: time
) -> None:
    """Unless no clock shows it."""
    zone, day = change[0], change[1] + timedelta(days=days_later)
    due_at = local_time(day, at, zone).astimezone(UTC)
    shown = due_at.astimezone(zone)
    earlier = {
        (due_at - timedelta(minutes=30 * steps)).astimezone(zone).replace(tzinfo=None) for steps in (1, 2)
    }
    wanted = datetime.combine(day, at)

    if shown.replace(tzinfo=None) == wanted:
        assert wanted not in earlier
    else:
        # the clock has just been moved forward over this time
        assert timedelta(0) < shown.replace(tzinfo=None) - wanted <= timedelta(hours=1)
        assert (due_at - timedelta(hours=1)).astimezone(zone).replace(tzinfo=None) < wanted


@given(change=st.sampled_from(CHANGES), minutes_later=st.integers(-3 * 1440, 3 * 1440), at=TIMES)
def test_time_without_date_is_at_most_a_day_and_the_change_ahead(
    change: tuple[ZoneInfo, date], minutes_later: int, at: time
) -> None:
    """Whatever the clock does meanwhile, and never in the past."""
    zone, day = change
    now = datetime.combine(day, time(), UTC) + timedelta(minutes=minutes_later)
    due_at = resolve_time(at, None, zone, now).astimezone(UTC)

    assert timedelta(0) < due_at - now <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("attempts", "delay", "next_delay"),
    [
        (0, timedelta(0), timedelta(minutes=2)),
        (2, timedelta(minutes=5), timedelta(minutes=7)),
        (3, timedelta(minutes=5), None),
        (1, timedelta(minutes=13), timedelta(minutes=15)),
        (1, timedelta(minutes=13, seconds=1), None),
    ],
    ids=str,
)
def test_attempts_and_delay_are_limited(
    attempts: int, delay: timedelta, next_delay: timedelta | None
) -> None:
    """A wake-up call that would come too late is not attempted."""
    expected = None if next_delay is None else DUE + next_delay

    assert LIMITS.next_attempt_at(DUE, attempts, DUE + delay) == expected
