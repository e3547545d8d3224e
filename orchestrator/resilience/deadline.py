"""One deadline for everything that an event does, divided over the vendor requests it makes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

REQUEST_SHARE = 0.5
"""The part of the remaining time that one request may take: later steps, such as the reply, always have some left."""
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def start_deadline(seconds: float) -> Iterator[None]:
    """Limit the time of all requests made in the block, and in tasks started in it, to `seconds` together."""
    token = _deadline.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def detach_from_deadline() -> None:
    """Let the current task ignore the deadline, because others than the event that started it wait for its result."""
    _deadline.set(None)


def share_of_deadline() -> float | None:
    """Return the seconds that the next request may take, 0 if the deadline has passed, None without a deadline."""
    deadline = _deadline.get()
    if deadline is None:
        return None
    return max(0.0, deadline - asyncio.get_running_loop().time()) * REQUEST_SHARE


def limit_to_deadline(seconds: float) -> float:
    """Return `seconds`, or the request's share of the deadline if that is less."""
    share = share_of_deadline()
    return seconds if share is None else min(seconds, share)
