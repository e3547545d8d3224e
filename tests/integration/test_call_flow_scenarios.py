"""Calls as the hotel tells of them: `features/guest_calls.feature`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.integration.api import ApiClient, IdFactory, call_ended, call_interaction, call_started
from tests.integration.vendors import StubClients

scenarios("features/guest_calls.feature")
ARRIVAL = date.today() + timedelta(days=50)  # noqa: DTZ011 - any day to come will do
DATES: dict[str, Any] = {"arrival": str(ARRIVAL), "departure": str(ARRIVAL + timedelta(days=1))}


@dataclass
class PhoneCall:
    """The telephone line: who calls, and what was answered last."""

    operator: ApiClient
    call_id: str
    phone: str
    reservation: str
    answer: dict[str, Any] = field(default_factory=dict)
    second: int = 0

    def wants(self, kind: str, said: str = "", **parameters: Any) -> None:
        """Say something."""
        self.second += 1
        self.answer = self.operator.send_event(
            call_interaction(self.call_id, kind, said, self.second, **parameters)
        )


@pytest.fixture
def line(operator: ApiClient, names: IdFactory) -> PhoneCall:
    """A line that is free."""
    return PhoneCall(operator, names.call(), names.phone(), names.reservation())


def _known_guest(vendors: StubClients, line: PhoneCall, **stay: Any) -> None:
    person = {
        "firstName": "Ada",
        "lastName": f"Muster{line.phone[-6:]}",
        "phone": line.phone,
        "preferredLanguage": "de",
    }
    vendors.apaleo.given("a reservation", id=line.reservation, guest=person, **stay)


@given("a guest in room 101 whose number the hotel knows")
def in_the_house(vendors: StubClients, line: PhoneCall) -> None:
    """Somebody who lives here."""
    _known_guest(vendors, line, status="InHouse", unit="MUC-101")


@given("a guest who will come, and whose number the hotel knows")
def to_come(vendors: StubClients, line: PhoneCall) -> None:
    """Somebody who has booked."""
    _known_guest(vendors, line)


@given("a caller whom the hotel does not know")
def unknown(vendors: StubClients) -> None:
    """Nobody has this number."""
    vendors.apaleo.given("no reservation")


@given("the hotel's system is away")
def away(vendors: StubClients) -> None:
    """Apaleo answers nothing but errors."""
    vendors.apaleo.inject_fault("status", status=503)


@when("the guest calls")
def calls(line: PhoneCall) -> None:
    """The telephone rings."""
    line.answer = line.operator.send_event(call_started(line.call_id, line.phone))


@when(parsers.parse('the guest says "{words}"'))
def says(line: PhoneCall, words: str) -> None:
    """An order."""
    line.wants("room_service_request", words)


@when("the guest wants to leave later")
def leave_later(line: PhoneCall) -> None:
    """A late check-out."""
    line.wants("late_checkout_request")


@when("the guest hangs up")
def hangs_up(line: PhoneCall) -> None:
    """The end."""
    line.answer = line.operator.send_event(call_ended(line.call_id))


@when("the guest asks what is free")
def asks_availability(line: PhoneCall) -> None:
    """For a night to come."""
    line.wants("availability_request", **DATES)


@when("the guest books it")
def books(line: PhoneCall) -> None:
    """What was offered."""
    line.wants("booking_request", **DATES, last_name="Beispiel", first_name="Kim")


@when("the guest asks for the stay")
def asks_details(line: PhoneCall) -> None:
    """When, and which room."""
    line.wants("guest_info_request")


@when("the guest wants to cancel")
def cancels(line: PhoneCall) -> None:
    """Said once."""
    line.wants("cancellation_request")


@when("the guest says that it is meant")
def confirms(line: PhoneCall) -> None:
    """Said twice."""
    line.wants("cancellation_request", confirmed=True)


@when("the guest wants to speak to a human")
def wants_a_human(vendors: StubClients, line: PhoneCall) -> None:
    """The caller is on the line, as LiveKit has it."""
    on_the_line = {"sip.phoneNumber": line.phone, "sip.callID": "SCL_1"}
    room = f"call-{line.call_id}"
    vendors.livekit.given(
        "a participant in a room", room=room, identity="caller", kind="SIP", attributes=on_the_line
    )
    line.wants("transfer_request")


@then("the guest is greeted by name in German")
def greeted_by_name(line: PhoneCall) -> None:
    """As people are greeted who are known."""
    assert line.answer["reply"] == f"Guten Tag, Ada Muster{line.phone[-6:]}. Was darf ich für Sie tun?"


@then("the guest is greeted in English")
def greeted(line: PhoneCall) -> None:
    """As strangers are."""
    assert line.answer["reply"] == "Good day. How may I help you?"


def _services(vendors: StubClients) -> list[str]:
    return [json.loads(one["body"])["serviceId"] for one in vendors.apaleo.requests("bookService")]


@then("breakfast is booked for the stay")
def breakfast(vendors: StubClients) -> None:
    """In the PMS."""
    assert _services(vendors) == ["MUC-BREAKFAST"]


@then("the late check-out is booked for the stay")
def late_checkout(vendors: StubClients) -> None:
    """In the PMS too."""
    assert _services(vendors) == ["MUC-BREAKFAST", "MUC-LATE_CHECKOUT"]


@then("the room of the call is closed")
def room_closed(vendors: StubClients, line: PhoneCall) -> None:
    """In LiveKit."""
    [deleted] = vendors.livekit.requests("DeleteRoom")
    assert json.loads(deleted["body"]) == {"room": f"call-{line.call_id}"}


@then(parsers.parse("the record of the call tells of {count:d} wishes"))
def recorded(admin: ApiClient, line: PhoneCall, count: int) -> None:
    """For those who ask later."""
    [record] = admin.get(f"/gdpr/export/{line.phone}").json()["calls"]
    assert [one["outcome"] for one in record["interactions"]] == ["done"] * count


@then("a double room is offered")
def offered(line: PhoneCall) -> None:
    """With its price."""
    [offer] = line.answer["result"]["offers"]
    assert (offer["room"], offer["price"]) == ("Double", "120.00 EUR")


@then("the hotel has the booking")
def has_booking(vendors: StubClients, line: PhoneCall) -> None:
    """Under the name and number of the caller."""
    [made] = vendors.apaleo.requests("createBooking")
    booker = json.loads(made["body"])["booker"]
    assert (booker["lastName"], booker["phone"]) == ("Beispiel", line.phone)
    assert line.answer["outcome"] == "done"


@then("the guest hears of the booking")
def hears_of_it(line: PhoneCall) -> None:
    """The call is about it from then on."""
    assert (line.answer["outcome"], line.answer["result"]["arrival"]) == ("done", DATES["arrival"])


@then("a warning says that the hotel's system is away")
def warned(line: PhoneCall) -> None:
    """For machines."""
    assert [one["code"] for one in line.answer["warnings"]] == ["PMS_UNAVAILABLE"]


@then("the guest is offered a colleague")
def offered_a_colleague(line: PhoneCall) -> None:
    """The call goes on."""
    assert (line.answer["outcome"], "colleague" in line.answer["reply"]) == ("degraded", True)


@then("the guest is asked whether that is meant")
def asked_again(line: PhoneCall) -> None:
    """Cancelling is not done by accident."""
    assert line.answer["result"] == {"missing": ["confirmed"]}


@then("the stay is still confirmed")
def still_confirmed(vendors: StubClients) -> None:
    """Nothing was cancelled."""
    assert vendors.apaleo.requests("cancelReservation") == []


@then("the stay is cancelled")
def cancelled(vendors: StubClients, line: PhoneCall) -> None:
    """In the PMS."""
    [done] = vendors.apaleo.requests("cancelReservation")
    assert (line.answer["outcome"], done["status"]) == ("done", 204)


@then("the caller is handed to a colleague")
def handed_over(vendors: StubClients, line: PhoneCall) -> None:
    """By the telephone."""
    [handed] = vendors.livekit.requests("TransferSIPParticipant")
    assert json.loads(handed["body"])["participant_identity"] == "caller"
    assert line.answer["result"] == {"transferred": True}
