"""The watch of one condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from orchestrator.alerting.alert import Alert, Condition
from orchestrator.alerting.watch import ConditionWatch
from orchestrator.observability.correlation import correlation_id

NEVER = 3600.0


class Watched:
    """A condition whose state the test sets; it receives its own alerts."""

    def __init__(self, interval: float = NEVER) -> None:
        self.healthy = True
        self.failure: Exception | None = None
        self.checks: asyncio.Queue[bool] = asyncio.Queue()
        self.alerts: asyncio.Queue[Alert] = asyncio.Queue()
        self.watch = ConditionWatch(Condition("a", "error", "a failed"), self._check, self, interval)

    async def _check(self) -> bool:
        self.checks.put_nowait(self.healthy)
        if self.failure:
            raise self.failure
        return self.healthy

    def publish(self, alert: Alert) -> None:
        """Keep an alert."""
        self.alerts.put_nowait(alert)

    def notice(self, *, healthy: bool, request: str) -> None:
        """Take note of what a request met."""
        token = correlation_id.set(request)
        self.watch.notice(healthy=healthy)
        correlation_id.reset(token)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch as long as the block runs; the first check has been done."""
        task = asyncio.create_task(self.watch.run_forever())
        await self.checks.get()
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_failed_request_starts_the_check_that_raises_the_alert() -> None:
    """The alert has the redacted id of the request; the end has the id of the request that showed it."""
    watched = Watched()
    async with watched.running():
        watched.healthy = False
        watched.notice(healthy=False, request="call-0171-555-0199")
        raised = await watched.alerts.get()
        watched.healthy = True
        watched.notice(healthy=True, request="next")
        resolved = await watched.alerts.get()

    assert (raised.firing, raised.correlation_id) == (True, "call-[REDACTED]")
    assert (resolved.firing, resolved.correlation_id) == (False, "next")


async def test_failed_request_alone_raises_no_alert() -> None:
    """The check finds nothing, and the id of that request is not used for a later alert."""
    watched = Watched()
    async with watched.running():
        watched.notice(healthy=False, request="unlucky")
        assert await watched.checks.get()
        watched.healthy = False
        watched.notice(healthy=False, request="affected")
        raised = await watched.alerts.get()

    assert (raised.correlation_id, watched.alerts.empty()) == ("affected", True)


async def test_first_of_several_requests_is_named() -> None:
    """The later ones show the same."""
    watched = Watched()
    async with watched.running():
        watched.healthy = False
        for request in ("first", "second"):
            watched.notice(healthy=False, request=request)
        raised = await watched.alerts.get()

    assert raised.correlation_id == "first"


async def test_condition_is_checked_at_intervals() -> None:
    """Without a request the alert has no correlation id."""
    watched = Watched(interval=0.01)
    async with watched.running():
        watched.healthy = False
        raised = await watched.alerts.get()

    assert (raised.firing, raised.correlation_id) == (True, "")


@pytest.mark.parametrize("failure", [ValueError("x"), TimeoutError()])
async def test_failed_check_raises_alert_and_does_not_end_the_watch(failure: Exception) -> None:
    """The next check that succeeds resolves it."""
    watched = Watched(interval=0.01)
    async with watched.running():
        watched.failure = failure
        raised = await watched.alerts.get()
        watched.failure = None
        resolved = await watched.alerts.get()

    assert (raised.firing, resolved.firing) == (True, False)
