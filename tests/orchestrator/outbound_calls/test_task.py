"""The background task: it places several calls at once, and waits for them when the service ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.outbound_calls.model import OutboundCall
from orchestrator.outbound_calls.task import OutboundCallTask
from orchestrator.persistence.database import Database
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from tests.orchestrator.outbound_calls.world import LEASE, MAX_WAITING, outbound_call

CALLS = 5
AT_ONCE = 2
FOREVER = 3600.0


class Telephones:
    """Calls that last until the test ends them."""

    def __init__(self) -> None:
        self.started: asyncio.Queue[str] = asyncio.Queue()
        self.finished: list[str] = []
        self.answered = asyncio.Event()

    async def place(self, call: OutboundCall) -> None:
        """Wait for the answer; the first call fails."""
        self.started.put_nowait(call.call_id)
        await self.answered.wait()
        if call.call_id == "0":
            raise ValueError("unexpected")
        self.finished.append(call.call_id)


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[OutboundCallRepository]:
    """Calls that are due now."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")
    await database.upgrade_schema()
    calls = OutboundCallRepository(database)
    for number in range(CALLS):
        now = datetime.now(UTC)
        await calls.add(outbound_call(str(number), due_at=now, next_attempt_at=now), MAX_WAITING)
    yield calls
    await database.close()


@asynccontextmanager
async def running(calls: OutboundCallRepository, telephones: Telephones, drain: float) -> AsyncIterator[None]:
    """Run the task for the block."""
    task = OutboundCallTask(
        calls,
        telephones.place,
        lease=LEASE,
        poll_interval=0.01,
        max_concurrent=AT_ONCE,
        drain_seconds=drain,
    )
    worker = asyncio.create_task(task.run_forever())
    yield
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker


async def test_calls_are_placed_at_once_up_to_a_limit(calls: OutboundCallRepository) -> None:
    """The others wait unclaimed, so that another process can take them; one that fails stops nothing."""
    telephones = Telephones()
    async with running(calls, telephones, FOREVER):
        started = {await telephones.started.get() for _ in range(AT_ONCE)}
        waiting = await calls.claim_due(datetime.now(UTC), datetime.now(UTC), "another", CALLS)
        telephones.answered.set()
        started |= {await telephones.started.get() for _ in range(CALLS - AT_ONCE)}

    assert len(waiting) == CALLS - AT_ONCE
    assert started == {str(number) for number in range(CALLS)}
    assert sorted(telephones.finished) == sorted(started - {"0"})


@pytest.mark.parametrize(("answers", "drain"), [(True, FOREVER), (False, 0.01)])
async def test_end_of_the_service_waits_for_calls_that_are_placed(
    calls: OutboundCallRepository, *, answers: bool, drain: float
) -> None:
    """But not for ever."""
    telephones = Telephones()
    async with running(calls, telephones, drain):
        await telephones.started.get()
        if answers:
            asyncio.get_running_loop().call_later(0.05, telephones.answered.set)

    assert len(telephones.finished) == (AT_ONCE - 1 if answers else 0)
