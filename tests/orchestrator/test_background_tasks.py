"""The tasks that run as long as the service does start again after an unexpected error."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from orchestrator.alerting.service import AlertService
from orchestrator.app import running
from orchestrator.calls.lease import Lease
from orchestrator.resilience import supervision
from orchestrator.resilience.supervision import run_supervised
from orchestrator.state.memory import InMemoryStateStore


class FailingTask:
    """A task that fails when it is started for the first time, and then runs."""

    def __init__(self) -> None:
        self.starts = 0
        self.running = asyncio.Event()

    async def run_forever(self) -> None:
        """Fail, or run until cancelled."""
        self.starts += 1
        if self.starts == 1:
            raise OverflowError
        self.running.set()
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def _restart_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a failed task again without a pause."""
    monkeypatch.setattr(run_supervised, "__defaults__", (0.0,))
    assert supervision.RESTART_SECONDS > 0


async def test_delivery_of_alerts_is_started_again() -> None:
    """It would otherwise be silent for ever."""
    delivery = FailingTask()
    async with AlertService([cast("Any", delivery)], check_interval=60.0).running():
        await delivery.running.wait()

    assert delivery.starts == 2


async def test_background_tasks_of_the_service_are_started_again() -> None:
    """Otherwise no record would be deleted any more, and a quota that was used up would never be known to be restored."""
    retention, quota = FailingTask(), FailingTask()

    async def do_nothing() -> None:
        return

    container = SimpleNamespace(
        startup=do_nothing,
        shutdown=do_nothing,
        background_tasks=(retention, quota),
        alerts=AlertService([], 60.0),
    )
    async with running(cast("Any", container)):
        await retention.running.wait()
        await quota.running.wait()

    assert (retention.starts, quota.starts) == (2, 2)


class FaultyStore(InMemoryStateStore):
    """A store whose client has a defect that shows in the second write, which is the first renewal."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: asyncio.Queue[str] = asyncio.Queue()

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Record the write; fail once."""
        self.writes.put_nowait(new)
        if '"renewal": 1' in new:
            raise TypeError
        return await super().compare_and_swap(key, old, new, ttl)


async def test_lease_is_renewed_again_after_an_unexpected_error() -> None:
    """An execution whose lease ends would run twice."""
    store = FaultyStore()
    lease = Lease(store, "event")
    await lease.take(None, {})
    with capture_logs() as logs:
        lease.renew_every(0.001)
        written = [await store.writes.get() for _ in range(3)]
        lease.stop_renewal()

    assert [entry["event"] for entry in logs] == ["lease_renewal_failed"]
    assert ['"renewal": 2' in text for text in written] == [False, False, True]
