"""A PMS write without a response: the guest asks again, and the effect happens once."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.pms.models import BookedStay, BookingRequest
from tests.orchestrator.calls.call_flow import START, ended, interaction, started
from tests.orchestrator.calls.crashing import HotelWithServices, World
from tests.orchestrator.calls.mortal_process import MortalProcess

STAY = {"arrival": "2027-05-20", "departure": "2027-05-22"}
WRITES = (
    "create_booking",
    "amend_reservation",
    "cancel_reservation",
    "add_service",
    "check_in",
    "assign_room",
)
REQUESTS: dict[str, dict[str, Any]] = {
    "booking_request": {"last_name": "Muster", "email": "ada@example.org", **STAY},
    "change_request": STAY,
    "cancellation_request": {"confirmed": True},
    "room_service_request": {"service": "breakfast"},
    "late_checkout_request": {},
    "check_in_request": {"confirmed": True},
    "room_assignment_request": {},
}


class SlowHotel(HotelWithServices):
    """A PMS whose next write gets no response in time.

    Args:
        arrives: whether the write has its effect nevertheless.
    """

    def __init__(self, *, arrives: bool) -> None:
        super().__init__()
        self._arrives = arrives
        self._writes = 0

    def __getattribute__(self, name: str) -> Any:
        method = super().__getattribute__(name)
        if name not in WRITES:
            return method

        async def write(*arguments: Any, **options: Any) -> Any:
            self._writes += 1
            if self._writes > 1:
                return await method(*arguments, **options)
            if self._arrives:
                await method(*arguments, **options)
            raise PmsUnavailableError("timeout")

        return write


def request(kind: str, second: int) -> dict[str, Any]:
    """Return a request of the guest; each time it is a new event."""
    return interaction(kind, **REQUESTS[kind]) | {"timestamp": START.replace(second=second).isoformat()}


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("kind", REQUESTS)
async def test_repeated_request_has_one_effect(kind: str, *, arrives: bool) -> None:
    """Whether the first write arrived or not: the second request is done, and nothing is done twice."""
    undisturbed, world = World(), World()
    await undisturbed.send(started(reservation_id="OWN-1"), request(kind, 2))
    world.pms = SlowHotel(arrives=arrives)

    first, _ = await world.send(started(reservation_id="OWN-1"), request(kind, 1))
    second = await world.redeliver(request(kind, 2))

    assert (first["outcome"], second["outcome"]) == ("degraded", "done")
    assert world.pms.snapshot() == undisturbed.pms.snapshot()
    call = (await world.snapshot())["call"]
    assert call["unconfirmed"] == {}
    assert call["reservation_id"] == second["result"]["reservation_id"]


@pytest.mark.parametrize("kind", ["booking_request", "room_service_request"])
async def test_two_confirmed_requests_have_two_effects(kind: str) -> None:
    """A guest may order twice on purpose."""
    world = World()
    await world.send(started(reservation_id="OWN-1"), request(kind, 1), request(kind, 2))

    reservations = world.pms.snapshot()

    booked = len(reservations) - 1
    ordered = reservations[0]["services"].get("BREAKFAST", 0)
    assert (booked, ordered) == ((2, 0) if kind == "booking_request" else (0, 2))


async def test_callers_number_is_forgotten_at_the_end_although_a_booking_is_unconfirmed() -> None:
    """It is kept for the repeated request, and no request comes after the end."""
    world = World()
    world.pms = SlowHotel(arrives=False)
    await world.send(started(), request("booking_request", 1))
    during = (await world.snapshot())["call"]
    service = world.process(MortalProcess())
    await service.handle_room_finished("call-1", START)

    after = (await world.snapshot())["call"]

    assert len(during["unconfirmed"]) == 1
    assert (after["unconfirmed"], after["caller_number"], ended()["call_id"]) == ({}, None, "1")


class FaultyHotel(HotelWithServices):
    """A PMS whose connector has a defect: it books, and then fails with an error that the call flow does not expect."""

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Book, and raise an error."""
        await super().create_booking(stay, idempotency_key=idempotency_key)
        raise IndexError(stay.hotel_id)


async def test_unexpected_error_does_not_count_as_a_refusal() -> None:
    """The booking may exist: the event that is delivered again repeats the request with the same key and details."""
    world = World()
    healthy, world.pms = world.pms, FaultyHotel()
    await world.send(started())
    with pytest.raises(IndexError):
        await world.redeliver(request("booking_request", 1))
    stored = str(world.store.__dict__)
    healthy.__dict__.update(world.pms.__dict__)
    world.pms = healthy

    response = await world.redeliver(request("booking_request", 1))

    assert "idempotency_key" in stored
    assert (response["outcome"], len(world.pms.snapshot())) == ("done", 2)
