"""Texts are rejected without asking the vendor from its first refusal on, until the plan allows them again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from orchestrator.speech.quota import QuotaWatch
from orchestrator.vendors.errors import AccessDenied, VendorUnavailable
from orchestrator.vendors.tts.models import Subscription

LIMIT = 1_000


class Plan:
    """A plan whose readings are counted; None cannot be read."""

    def __init__(self, remaining: int | None) -> None:
        self.remaining = remaining
        self.reported: list[int] = []
        self.read = asyncio.Event()
        self.watch = QuotaWatch(self._read, 0.05, 0.1, self.reported.append)

    async def _read(self) -> Subscription:
        self.read.set()
        if self.remaining is None:
            raise VendorUnavailable("tts", "subscription")
        return Subscription(character_count=LIMIT - self.remaining, character_limit=LIMIT)

    async def next_reading(self) -> None:
        """Wait until the plan was read again, and the result was used."""
        self.read.clear()
        await self.read.wait()
        await asyncio.sleep(0)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Read the plan during the block."""
        task = asyncio.create_task(self.watch.run_forever())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def is_rejected(self, characters: int | None) -> bool:
        """Return whether a text is rejected without asking the vendor."""
        try:
            self.watch.require(characters)
        except AccessDenied as error:
            return (error.code, error.retry_after) == ("quota_exceeded", 0.05)
        return False


def test_texts_that_are_not_shorter_than_a_refused_one_are_rejected() -> None:
    """A shorter one may still fit; of a text whose length is not known nothing is tried."""
    plan = Plan(5)
    assert not plan.is_rejected(None)
    for characters in (20, 10, 15):
        plan.watch.record_refusal(characters)

    assert [plan.is_rejected(characters) for characters in (9, 10, 20, None)] == [False, True, True, True]


@pytest.mark.parametrize("remaining", [10, None])
async def test_refusal_ends_with_a_later_reading(remaining: int | None) -> None:
    """If enough is left, or if the plan cannot be read: then only the vendor knows."""
    plan = Plan(5)
    async with plan.watched():
        plan.watch.record_refusal(10)
        await plan.next_reading()
        await plan.next_reading()
        was_rejected = plan.is_rejected(10)
        plan.remaining = remaining
        await plan.next_reading()
        await plan.next_reading()

        assert (was_rejected, plan.is_rejected(10)) == (True, False)


async def test_plan_is_nearly_used_up() -> None:
    """At a tenth; every reading is reported."""
    plan = Plan(101)
    async with plan.watched():
        await plan.next_reading()
        before = await plan.watch.is_sufficient()
        plan.remaining = 100
        await plan.next_reading()
        await plan.next_reading()

        assert (before, await plan.watch.is_sufficient()) == (True, False)
    assert set(plan.reported) == {101, 100}
