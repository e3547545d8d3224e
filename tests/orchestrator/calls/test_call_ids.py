"""The id of a call belongs to the event that started it."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.errors import ConflictError, ServiceUnavailableError
from tests.orchestrator.calls.call_flow import CallFlow, ended, interaction, started
from tests.orchestrator.calls.crashing import World
from tests.orchestrator.calls.test_call_ending import STAY, SlowBookings


async def test_refused_start_has_no_effect() -> None:
    """The other hotel's start with the same id neither opens a room nor looks a guest up."""
    world = World()
    await world.send(started())
    before = await world.snapshot()
    world.telephony.opened.clear()

    with pytest.raises(ConflictError):
        await world.send(started() | {"metadata": {"hotel_id": "BER"}})

    assert world.telephony.opened == []
    assert (await world.snapshot())["call"] == before["call"]


async def test_concurrent_starts_with_one_id_open_one_room() -> None:
    """Of two hotels that use the same id at the same time, one is refused before any effect."""
    flow = CallFlow()
    starts = [started() | {"metadata": {"hotel_id": hotel_id}} for hotel_id in ("MUC", "BER")]

    results = await asyncio.gather(*map(flow.send, starts), return_exceptions=True)

    assert [type(result) for result in results].count(ConflictError) == 1
    assert flow.telephony.opened == ["call-1"]


async def test_interaction_that_outlives_its_call_is_completed_after_the_outage_of_the_database() -> None:
    """It was answered 503 because the record could not be written; delivered again it gets its response."""
    pms = SlowBookings()
    flow = CallFlow(pms)
    event = interaction("booking_request", last_name="Muster", **STAY)
    await flow.send(started())
    booking = asyncio.create_task(flow.send(event))
    await pms.booked.wait()
    await flow.send(ended())
    flow.records.available = False
    pms.respond.set()
    with pytest.raises(ServiceUnavailableError):
        await booking
    flow.records.available = True

    response = await flow.send(event)

    assert (response["outcome"], response["state"]) == ("done", "ended")
    assert [entry.outcome for entry in flow.records.by_id["1"].interactions] == ["done"]
    assert await flow.send(event) == response


async def test_active_calls_are_counted_from_the_store() -> None:
    """A call that the store lost is not active any more, whichever process started it."""
    world = World()
    for call_id in ("1", "2", "3"):
        await world.send(started(call_id))
    await world.send(ended("2"))
    counted = (await world.snapshot())["active calls"]
    world.store = type(world.store)()
    await world.send(started("1"))

    assert (counted, (await world.snapshot())["active calls"]) == (2, 1)
