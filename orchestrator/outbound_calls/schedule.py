"""When a guest is called: pure functions of the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.calls.outbound_order import OrderRejectedError

MAX_DAYS_AHEAD = 365
"""Further ahead than stays are booked; it also keeps the time within the range of `datetime`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLimits:
    """When a call that did not reach the guest is attempted again.

    Args:
        max_attempts: how often the number is dialled.
        interval: the time between two attempts.
        max_delay: how long after its time a call is still made. A wake-up call an hour late is of no use.
    """

    max_attempts: int
    interval: timedelta
    max_delay: timedelta

    def is_too_late(self, due_at: datetime, now: datetime) -> bool:
        """Return whether a call is no longer made."""
        return now > due_at + self.max_delay

    def next_attempt_at(self, due_at: datetime, attempts: int, now: datetime) -> datetime | None:
        """Return the time of the next attempt after `attempts` earlier ones, or None if there is none."""
        next_at = now + self.interval
        if attempts >= self.max_attempts or self.is_too_late(due_at, next_at):
            return None
        return next_at


def local_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the time of a day at the hotel, as it is on the clock there.

    In spring an hour does not exist: a time in it is moved forward by the hour that the clock is. In autumn an hour exists
    twice: the first one is taken, because a guest who is called early can still sleep on.
    """
    # fold=0: the offset before the change, which is both; the way through UTC gives a time that exists
    return datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone)


def resolve_time(at: time, day: date | None, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the time of a day at the hotel; without a day, the next time that the clock there shows it.

    Args:
        at: hours and minutes.
        day: the day, if it is given.
        zone: the hotel's time zone.
        now: the current time, with a zone.

    Raises:
        OrderRejectedError: the time has passed, or is more than `MAX_DAYS_AHEAD` ahead.
    """
    today = now.astimezone(zone).date()
    if day is None:
        due_at = local_time(today, at, zone)
        return due_at if due_at > now else local_time(today + timedelta(days=1), at, zone)
    if day < today:
        raise OrderRejectedError("in_the_past")
    if day > today + timedelta(days=MAX_DAYS_AHEAD):
        raise OrderRejectedError("too_far_ahead")
    due_at = local_time(day, at, zone)
    if due_at <= now:
        raise OrderRejectedError("in_the_past")
    return due_at
