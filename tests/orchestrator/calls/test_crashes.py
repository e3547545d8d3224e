"""A process is killed at every point of every event; another one gets the event again and completes it."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.errors import ConflictError
from tests.orchestrator.calls.call_flow import ended, interaction, started
from tests.orchestrator.calls.crashing import World
from tests.orchestrator.calls.mortal_process import ProcessDied

STAY = {"arrival": "2027-05-20", "departure": "2027-05-22"}
START = started(reservation_id="OWN-1")
INTERACTIONS = [
    interaction("greeting"),
    interaction("guest_info_request"),
    interaction("availability_request", **STAY),
    interaction("booking_request", last_name="Muster", **STAY),
    interaction("change_request", **STAY),
    interaction("cancellation_request", confirmed=True),
    interaction("room_service_request", service="breakfast"),
    interaction("late_checkout_request"),
    interaction("transfer_request"),
    interaction("wake_up_request", time="07:00"),
    interaction("check_in_request", confirmed=True),
    interaction("room_assignment_request", room="205"),
    interaction("balance_request"),
    interaction("recording_consent", confirmed=True),
]
CHECK_IN, CHECK_OUT = (interaction(f"check_{way}_request", confirmed=True) for way in ("in", "out"))
EVENTS = [
    [START],
    *([START, event] for event in INTERACTIONS),
    [START, CHECK_IN, CHECK_OUT],
    [START, INTERACTIONS[0], ended()],
]
IDS = ["start", *(event["interaction_type"] for event in INTERACTIONS), "check_out_request", "end"]


async def crash(world: World, events: list[dict[str, Any]], point: int) -> None:
    """Deliver events to a process that dies at a point of the last one."""
    with pytest.raises(ProcessDied):
        await world.send(*events, dies_at=point)


@pytest.mark.parametrize("events", EVENTS, ids=IDS)
async def test_redelivery_after_a_crash_completes_the_event_once(events: list[dict[str, Any]]) -> None:
    """Response, vendors, call and record are those of a run without a crash, wherever the process dies."""
    undisturbed = World()
    expected, points = await undisturbed.send(*events)
    await undisturbed.do_follow_ups()
    assert points > 8

    for point in range(points):
        world = World()
        await crash(world, events, point)

        response = await world.redeliver(events[-1])
        await world.do_follow_ups()

        assert response == expected, f"point {point}"
        assert await world.snapshot() == await undisturbed.snapshot(), f"point {point}"


@pytest.mark.parametrize("events", [[START], [START, ended()]], ids=["start", "end"])
async def test_redelivery_after_a_crash_has_the_warnings_of_the_first_delivery(
    events: list[dict[str, Any]],
) -> None:
    """LiveKit is away: the response says so once, wherever the process dies, and the record has each warning once."""
    undisturbed = World(livekit_is_away=True)
    expected, points = await undisturbed.send(*events)
    assert [warning["code"] for warning in expected["warnings"]] == ["LIVEKIT_UNAVAILABLE"]

    for point in range(points):
        world = World(livekit_is_away=True)
        await crash(world, events, point)

        response = await world.redeliver(events[-1])

        assert response == expected, f"point {point}"
        assert await world.snapshot() == await undisturbed.snapshot(), f"point {point}"


@pytest.mark.parametrize("events", EVENTS[1:-2], ids=IDS[1:-2])
async def test_event_that_has_an_effect_is_completed_after_the_end_of_the_call(
    events: list[dict[str, Any]],
) -> None:
    """The end overtakes the redelivery: what was done is in the record, and nothing is done twice."""
    undisturbed = World()
    expected, points = await undisturbed.send(*events)
    await undisturbed.send(ended())

    completed = 0
    for point in range(points):
        world = World()
        await crash(world, events, point)
        before = world.pms.snapshot()
        await world.send(ended())
        try:
            response = await world.redeliver(events[-1])
        except ConflictError:
            assert world.pms.snapshot() == before == World().pms.snapshot(), f"point {point}"
            assert world.records.by_id["1"].interactions == ()
            continue
        completed += 1
        # a response that was stored before the end says "active"
        assert response | {"state": "active"} == expected, f"point {point}"
        assert world.pms.snapshot() == undisturbed.pms.snapshot(), f"point {point}"
        assert world.records.by_id["1"].interactions == undisturbed.records.by_id["1"].interactions
    assert 0 < completed < points


async def test_finished_step_is_not_compared_with_a_later_state() -> None:
    """The guest moved the stay once more before the first change was delivered again: it stays where it is."""
    world = World()
    first = interaction("change_request", **STAY)
    second = interaction("change_request", arrival="2027-06-20", departure="2027-06-22")
    _, points = await World().send(START, first)
    await crash(world, [START, first], points - 2)
    # the process died after the change and before its response was stored
    await world.redeliver(second)
    after_second = world.pms.snapshot()
    amended: list[str] = []

    async def amend(reservation_id: str, _change: object) -> None:
        amended.append(reservation_id)

    world.pms.amend_reservation = amend  # type: ignore[assignment, method-assign] # only counts

    response = await world.redeliver(first)

    assert (response["outcome"], amended) == ("done", [])
    assert world.pms.snapshot() == after_second
