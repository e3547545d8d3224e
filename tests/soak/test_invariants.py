"""Each invariant of the soak finds its violation in a made history, and none in a correct one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from soak.invariants import Observation, find_violations
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.telephone_system import Event, PlacedCall

EVENTS: list[Event] = [
    call_started("c-1", reservation_id="R-1"),
    call_interaction("c-1", "room_service_request", second=1),
    call_interaction("c-1", "booking_request", second=2, last_name="Booker"),
    call_ended("c-1", 7),
]
RECORD = {
    "call_id": "c-1",
    "duration": 7.0,
    "interactions": [
        {"type": "room_service_request", "outcome": "done"},
        {"type": "booking_request", "outcome": "done"},
    ],
}


def response(state: str = "active", *warnings: str, outcome: str = "done") -> dict[str, Any]:
    """Return a response that acknowledges an event."""
    return {"state": state, "outcome": outcome, "warnings": [{"code": code} for code in warnings]}


@pytest.fixture
def call() -> PlacedCall:
    """A call with an order and a booking, whose end is acknowledged."""
    return PlacedCall(EVENTS, [response(), response(), response(), response("ended")], delivered=4)


@pytest.fixture
def observed() -> Observation:
    """What is found after that call."""
    return Observation([RECORD], Counter({"Booker": 1}), Counter({("R-1", "MUC-BREAKFAST"): 1}), frozenset())


def test_correct_history_has_no_violation(call: PlacedCall, observed: Observation) -> None:
    """Record, booking, order and states fit each other."""
    assert find_violations([call], observed) == []


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        ({"records": []}, "0 records"),
        ({"records": [RECORD, RECORD]}, "2 records"),
        ({"records": [RECORD | {"duration": 8.0}]}, "duration 8.0 of another event"),
        ({"records": [RECORD | {"interactions": RECORD["interactions"][1:]}]}, "acknowledged [("),  # type: ignore[index]
        ({"bookings": Counter()}, "booking with outcome done is 0 times"),
        ({"bookings": Counter({"Booker": 2})}, "booking with outcome done is 2 times"),
        ({"services": Counter()}, "MUC-BREAKFAST with outcome done is 0 times"),
        ({"services": Counter({("R-1", "MUC-BREAKFAST"): 2})}, "MUC-BREAKFAST with outcome done is 2 times"),
        ({"open_rooms": frozenset({"call-c-1"})}, "the room is open"),
    ],
)
def test_wrong_observation_is_found(
    call: PlacedCall, observed: Observation, change: dict[str, Any], violation: str
) -> None:
    """The violation names the call."""
    [found] = find_violations([call], replace(observed, **change))

    assert found.startswith("c-1: ")
    assert violation in found


def leave_end_unacknowledged(call: PlacedCall) -> None:
    """Let the last event have no response."""
    call.acknowledged.pop()


def reject_end(call: PlacedCall) -> None:
    """Let the last event be rejected."""
    call.acknowledged.pop()
    call.rejected = "call.ended: 409"


def reopen(call: PlacedCall) -> None:
    """Let the call be active again after it was ending."""
    call.acknowledged[1]["state"] = "ending"


def stay_active(call: PlacedCall) -> None:
    """Let the call be active after its end."""
    call.acknowledged[3]["state"] = "active"


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        (leave_end_unacknowledged, "call.ended is not acknowledged"),
        (reject_end, "call.ended: 409"),
        (reopen, "states ['active', 'ending', 'active', 'ended']"),
        (stay_active, "the end is acknowledged in state active"),
    ],
)
def test_wrong_response_is_found(
    call: PlacedCall, observed: Observation, change: Callable[[PlacedCall], None], violation: str
) -> None:
    """The violation names the call and what is wrong."""
    change(call)

    assert find_violations([call], observed) == [f"c-1: {violation}"]


def test_unacknowledged_booking_may_have_happened_once(call: PlacedCall, observed: Observation) -> None:
    """The vendor may have received it, but not twice."""
    del call.acknowledged[2:]
    call.delivered = 3

    for count, is_violation in ((0, False), (1, False), (2, True)):
        found = find_violations([call], replace(observed, bookings=Counter({"Booker": count})))
        assert any("booking" in line for line in found) is is_violation


def test_room_may_stay_open_after_livekit_failed(call: PlacedCall, observed: Observation) -> None:
    """LiveKit closes an empty room by itself; the warning tells the client."""
    call.acknowledged[3] = response("ended", "LIVEKIT_UNAVAILABLE")

    assert find_violations([call], replace(observed, open_rooms=frozenset({"call-c-1"}))) == []
