"""Calls in the hotel's language: `features/guest_calls.feature`."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, parsers, scenarios, then, when

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended
from tests.integration.call_flow.phone_call import PhoneCall, phone_call
from tests.integration.data import stay_dates
from tests.integration.scenarios import expect_transfer, exported_calls
from tests.integration.vendors import StubClients

__all__ = ["phone_call"]
"""A fixture that is defined in a module beside it."""

scenarios("features/guest_calls.feature")
DATES = stay_dates(nights=1)


def _add_known_guest(vendors: StubClients, phone_call: PhoneCall, **reservation: Any) -> None:
    person = {
        "firstName": "Ada",
        "lastName": f"Muster{phone_call.phone[-6:]}",
        "phone": phone_call.phone,
        "preferredLanguage": "de",
    }
    vendors.apaleo.set_provider_state(
        "a reservation", id=phone_call.reservation_id, guest=person, **reservation
    )


@given("a guest in room 101 whose number the hotel knows")
def add_guest_in_house(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Add a reservation of a guest who has checked in."""
    _add_known_guest(vendors, phone_call, status="InHouse", unit="MUC-101")


@given("a guest with a future stay whose number the hotel knows")
def add_guest_with_future_stay(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Add a confirmed reservation."""
    _add_known_guest(vendors, phone_call)


@given("a caller whom the hotel does not know")
def remove_reservations(vendors: StubClients) -> None:
    """Remove all reservations."""
    vendors.apaleo.set_provider_state("no reservation")


@given("the hotel's system is down")
def break_pms(vendors: StubClients) -> None:
    """Let every request to Apaleo fail."""
    vendors.apaleo.inject_fault("status", status=503)


@when("the guest calls")
def start_call(phone_call: PhoneCall) -> None:
    """Start the call."""
    phone_call.start()


@when(parsers.parse('the guest says "{guest_input}"'))
def order_room_service(phone_call: PhoneCall, guest_input: str) -> None:
    """Order room service in the guest's words."""
    phone_call.interact("room_service_request", guest_input)


@when("the guest asks for a late check-out")
def ask_for_late_checkout(phone_call: PhoneCall) -> None:
    """Ask for a late check-out."""
    phone_call.interact("late_checkout_request")


@when("the guest hangs up")
def end_call(phone_call: PhoneCall) -> None:
    """End the call."""
    phone_call.response = phone_call.operator.send_event(call_ended(phone_call.call_id))


@when("the guest asks what is available")
def ask_for_availability(phone_call: PhoneCall) -> None:
    """Ask for offers for one night."""
    phone_call.interact("availability_request", **DATES)


@when("the guest books it")
def book(phone_call: PhoneCall) -> None:
    """Book the offer."""
    phone_call.interact("booking_request", **DATES, last_name="Beispiel", first_name="Kim")


@when("the guest asks about the stay")
def ask_for_stay_details(phone_call: PhoneCall) -> None:
    """Ask for the stay details."""
    phone_call.interact("guest_info_request")


@when("the guest asks to cancel")
def ask_to_cancel(phone_call: PhoneCall) -> None:
    """Ask for a cancellation without confirming it."""
    phone_call.interact("cancellation_request")


@when("the guest confirms the cancellation")
def confirm_cancellation(phone_call: PhoneCall) -> None:
    """Ask for a cancellation and confirm it."""
    phone_call.interact("cancellation_request", confirmed=True)


@when("the guest asks to speak to a human")
def ask_for_transfer(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Ask for a transfer while the caller is a SIP participant of the LiveKit room."""
    attributes = {"sip.phoneNumber": phone_call.phone, "sip.callID": "SCL_1"}
    room = f"call-{phone_call.call_id}"
    vendors.livekit.set_provider_state(
        "a participant in a room", room=room, identity="caller", kind="SIP", attributes=attributes
    )
    with expect_transfer(phone_call.operator):
        phone_call.interact("transfer_request")


@then("the guest is greeted by name in German")
def check_greeting_by_name(phone_call: PhoneCall) -> None:
    """Check the greeting of a known guest."""
    name = f"Ada Muster{phone_call.phone[-6:]}"
    assert phone_call.response["reply"] == f"Guten Tag, {name}. Was darf ich für Sie tun?"


@then("the guest is greeted in English")
def check_greeting(phone_call: PhoneCall) -> None:
    """Check the greeting of an unknown caller."""
    assert phone_call.response["reply"] == "Good day. How may I help you?"


def _booked_services(vendors: StubClients) -> list[str]:
    return [body["serviceId"] for body in vendors.apaleo.bodies("bookService")]


@then("breakfast is booked for the stay")
def check_breakfast(vendors: StubClients) -> None:
    """Check the services that were booked at the PMS."""
    assert _booked_services(vendors) == ["MUC-BREAKFAST"]


@then("the late check-out is booked for the stay")
def check_late_checkout(vendors: StubClients) -> None:
    """Check the services that were booked at the PMS."""
    assert _booked_services(vendors) == ["MUC-BREAKFAST", "MUC-LATE_CHECKOUT"]


@then("the room of the call is closed")
def check_room_closed(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Check that the LiveKit room was deleted."""
    assert vendors.livekit.bodies("DeleteRoom") == [{"room": f"call-{phone_call.call_id}"}]


@then(parsers.parse("the record of the call lists {count:d} requests"))
def check_record(admin: ApiClient, phone_call: PhoneCall, count: int) -> None:
    """Check the interactions of the call record."""
    [record] = exported_calls(admin, phone_call.phone)
    assert [interaction["outcome"] for interaction in record["interactions"]] == ["done"] * count


@then("a double room is offered")
def check_offer(phone_call: PhoneCall) -> None:
    """Check the room and the price of the offer."""
    [offer] = phone_call.response["result"]["offers"]
    assert (offer["room"], offer["price"]) == ("Double", "120.00 EUR")


@then("the hotel has the booking")
def check_booking(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Check that the booker has the caller's name and number."""
    [body] = vendors.apaleo.bodies("createBooking")
    assert (body["booker"]["lastName"], body["booker"]["phone"]) == ("Beispiel", phone_call.phone)
    assert phone_call.response["outcome"] == "done"


@then("the guest hears about the booking")
def check_stay_details(phone_call: PhoneCall) -> None:
    """Check that the call is about the new reservation."""
    response = phone_call.response
    assert (response["outcome"], response["result"]["arrival"]) == ("done", DATES["arrival"])


@then("a warning says that the hotel's system is down")
def check_warning(phone_call: PhoneCall) -> None:
    """Check the code of the warning."""
    assert [warning["code"] for warning in phone_call.response["warnings"]] == ["PMS_UNAVAILABLE"]


@then("the guest is offered a colleague")
def check_fallback(phone_call: PhoneCall) -> None:
    """Check the fallback reply."""
    assert phone_call.response["outcome"] == "degraded"
    assert "colleague" in phone_call.response["reply"]


@then("the guest is asked to confirm the cancellation")
def check_confirmation_request(phone_call: PhoneCall) -> None:
    """Check that the confirmation is missing."""
    assert phone_call.response["result"] == {"missing": ["confirmed"]}


@then("the stay is still confirmed")
def check_not_cancelled(vendors: StubClients) -> None:
    """Check that nothing was cancelled at the PMS."""
    assert vendors.apaleo.requests("cancelReservation") == []


@then("the stay is cancelled")
def check_cancelled(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Check that the PMS accepted the cancellation."""
    [request] = vendors.apaleo.requests("cancelReservation")
    assert (phone_call.response["outcome"], request["status"]) == ("done", 204)


@then("the caller is transferred to a colleague")
def check_transfer(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Check that LiveKit transfers the SIP participant."""
    assert phone_call.response["result"] == {"transferring": True}
    [body] = vendors.livekit.bodies("TransferSIPParticipant")
    assert body["participant_identity"] == "caller"
