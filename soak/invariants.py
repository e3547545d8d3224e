"""What must be true after a soak, whatever faults there were: pure functions over what was sent and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from soak.calls import SERVICE_INTERACTIONS
from tests.integration.error_recovery.kill_rounds import find_record_errors
from tests.integration.telephone_system import PlacedCall

STATES_AFTER = {
    "active": {"active", "ending", "ended"},
    "ending": {"ending", "ended"},
    "ended": {"ended"},
}
"""The states of a call that may follow each state."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the soak finds when all faults are over.

    Attributes:
        records: the call records of all callers.
        bookings: the number of bookings at the PMS by the guest's last name.
        services: the number of orders by reservation and service, at the PMS.
        open_rooms: the names of LiveKit's rooms.
    """

    records: Sequence[Mapping[str, Any]]
    bookings: Counter[str]
    services: Counter[tuple[str, str]]
    open_rooms: frozenset[str]


def find_violations(calls: Sequence[PlacedCall], observed: Observation) -> list[str]:
    """Return every violated invariant."""
    complete = [call for call in calls if call.is_complete]
    return [
        *find_unfinished_calls(calls),
        *find_illegal_states(calls),
        *find_record_errors(complete, observed.records),
        *find_booking_errors(calls, observed.bookings),
        *find_service_errors(calls, observed.services),
        *find_open_rooms(complete, observed.open_rooms),
    ]


def find_unfinished_calls(calls: Iterable[PlacedCall]) -> Iterator[str]:
    """Every event is acknowledged in the end: the telephone system delivers it until then."""
    for call in calls:
        if not call.is_complete:
            event = call.events[len(call.acknowledged)]
            yield f"{call.call_id}: {call.rejected or event['event'] + ' is not acknowledged'}"


def find_illegal_states(calls: Iterable[PlacedCall]) -> Iterator[str]:
    """A call goes from active over ending to ended, and never back; its acknowledged end means ended."""
    for call in calls:
        states = [response["state"] for response in call.acknowledged]
        steps = zip(["active", *states], states, strict=False)
        if any(state not in STATES_AFTER[before] for before, state in steps):
            yield f"{call.call_id}: states {states}"
        if call.is_complete and states[-1] != "ended":
            yield f"{call.call_id}: the end is acknowledged in state {states[-1]}"


def find_booking_errors(calls: Iterable[PlacedCall], bookings: Mapping[str, int]) -> Iterator[str]:
    """An acknowledged booking is one booking at the PMS; any other is at most one."""
    for call, event, outcome in _interactions(calls):
        if event["interaction_type"] == "booking_request":
            count = bookings.get(event["parameters"]["last_name"], 0)
            yield from _check_effect(call, "booking", outcome, count)


def find_service_errors(
    calls: Iterable[PlacedCall], services: Mapping[tuple[str, str], int]
) -> Iterator[str]:
    """An acknowledged order is one service at the PMS; any other is at most one. A call orders each service once."""
    for call, event, outcome in _interactions(calls):
        service = SERVICE_INTERACTIONS.get(event["interaction_type"])
        reservation_id = call.events[0]["metadata"].get("reservation_id")
        if service and reservation_id and not _has_booked_before(call, event):
            yield from _check_effect(call, service, outcome, services.get((reservation_id, service), 0))


def find_open_rooms(complete: Iterable[PlacedCall], open_rooms: frozenset[str]) -> Iterator[str]:
    """The room of an ended call is closed, unless a warning says that LiveKit failed: then LiveKit closes it itself."""
    for call in complete:
        room, warnings = f"call-{call.call_id}", _warnings(call)
        if room in open_rooms and "LIVEKIT_UNAVAILABLE" not in warnings:
            yield f"{call.call_id}: the room is open, warnings {sorted(warnings)}"


def _interactions(
    calls: Iterable[PlacedCall],
) -> Iterator[tuple[PlacedCall, Mapping[str, Any], str | None]]:
    """Yield each interaction that was delivered, with its outcome, or None if it is not acknowledged."""
    for call in calls:
        for number, event in enumerate(call.events[: call.delivered]):
            if event["event"] == "call.interaction":
                is_acknowledged = number < len(call.acknowledged)
                yield call, event, call.acknowledged[number]["outcome"] if is_acknowledged else None


def _check_effect(call: PlacedCall, effect: str, outcome: str | None, count: int) -> Iterator[str]:
    if count > 1 or (outcome == "done" and count == 0):
        yield f"{call.call_id}: {effect} with outcome {outcome} is {count} times at the PMS"


def _has_booked_before(call: PlacedCall, event: Mapping[str, Any]) -> bool:
    """Return whether the call's reservation is no longer the guest's own: a booking becomes the subject of the call."""
    earlier = call.events[: call.events.index(event)]
    return any(other.get("interaction_type") == "booking_request" for other in earlier)


def _warnings(call: PlacedCall) -> set[str]:
    return {warning["code"] for response in call.acknowledged for warning in response["warnings"]}
