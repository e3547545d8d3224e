"""Calls of guests about their own stay, by the state of the stay at Apaleo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest
from tests.integration.vendors import StubClients

ARRIVING: dict[str, Any] = {"status": "Confirmed", "unit": None, "ahead": 0}
LEAVING: dict[str, Any] = {"ahead": -2, "due": 0.0}
LATER: dict[str, Any] = {"status": "Confirmed", "unit": None}
STAYING: dict[str, Any] = {}
PAST: dict[str, Any] = {**LATER, "ahead": -9}
CANCELED: dict[str, Any] = {"status": "Canceled"}
CHECKED_OUT: dict[str, Any] = {"status": "CheckedOut"}
NO_SHOW: dict[str, Any] = {"status": "NoShow", "unit": None}
GUEST = {
    "firstName": "Ada",
    "lastName": "Muster",
    "email": "ada.muster@example.org",
    "phone": "+4930123456",
    "preferredLanguage": "en",
}
ACTIONS = {"checkIn", "checkOut", "assignAnyUnit", "assignUnit"}


class StayCall:
    """A call of a guest about the own stay.

    Args:
        operator: delivers the events.
        vendors: the stubs.
        call_id: the call.
        reservation_id: the guest's reservation.
    """

    def __init__(self, operator: ApiClient, vendors: StubClients, call_id: str, reservation_id: str) -> None:
        self.call_id, self.reservation_id = call_id, reservation_id
        self._operator, self._vendors, self._second = operator, vendors, 0

    def ask(self, interaction_type: str, **parameters: Any) -> dict[str, Any]:
        """Deliver another interaction and return the response."""
        self._second += 1
        event = call_interaction(self.call_id, interaction_type, second=self._second, **parameters)
        return self._operator.send_event(event)

    def actions(self) -> list[tuple[str, int]]:
        """Return the operations that were to change the stay, with their statuses."""
        requests = self._vendors.apaleo.requests()
        return [(item["operation"], item["status"]) for item in requests if item["operation"] in ACTIONS]

    def change_at_the_reception(self, **reservation: Any) -> None:
        """Change the reservation at Apaleo, which the service does not hear of."""
        self._vendors.apaleo.set_provider_state("a reservation", id=self.reservation_id, **reservation)


Call = Callable[..., StayCall]


@pytest.fixture
def call_of(operator: ApiClient, vendors: StubClients, names: IdFactory) -> Iterator[Call]:
    """Return a function that starts a call of an English guest with a reservation; the calls are ended after the test."""
    calls: list[StayCall] = []

    def start(**reservation: Any) -> StayCall:
        reservation_id = add_guest(vendors, names, **{"guest": GUEST, **reservation})
        calls.append(StayCall(operator, vendors, names.call(), reservation_id))
        operator.send_event(call_started(calls[-1].call_id, reservation_id=reservation_id))
        return calls[-1]

    yield start
    for call in calls:
        operator.post_event(call_ended(call.call_id))


def reason_of(response: dict[str, Any]) -> tuple[str, str]:
    """Return the outcome and the reason of a response."""
    return response["outcome"], response["result"].get("reason", "")
