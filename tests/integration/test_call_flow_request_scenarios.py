"""What guests do by phone, in the hotel's language: `features/guest_requests.feature`."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from pytest_bdd import given, parsers, scenarios, then, when

from tests.integration.api import ApiClient
from tests.integration.call_flow.outbound_steps import get_call
from tests.integration.call_flow.phone_call import PhoneCall, phone_call
from tests.integration.call_flow.recorded_call import START, STOP
from tests.integration.call_flow.stay_calls import ACTIONS, ARRIVING, LEAVING, STAYING
from tests.integration.scenarios import add_participant, expect_transfer, spoken_texts
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

__all__ = ["phone_call"]
"""A fixture that is defined in a module beside it."""

BUSY = "I am sorry, my colleagues' line is busy just now. Please try again in a few minutes."

scenarios("features/guest_requests.feature")


def _start(vendors: StubClients, phone_call: PhoneCall, **reservation: Any) -> None:
    person = {"firstName": "Ada", "lastName": "Muster", "phone": phone_call.phone, "preferredLanguage": "en"}
    stay = {"status": "InHouse", "unit": "MUC-101", **reservation}
    vendors.apaleo.set_provider_state("a reservation", id=phone_call.reservation_id, guest=person, **stay)
    vendors.livekit.set_provider_state("an egress worker")
    phone_call.start()
    add_participant(vendors, phone_call.call_id, "caller", "SIP")


@given("a guest who arrives today calls")
def start_call_on_arrival(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Start the call of a guest without a room."""
    _start(vendors, phone_call, **ARRIVING)


@given("a guest who leaves today calls")
def start_call_on_departure(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Start the call of a guest whose bill is paid."""
    _start(vendors, phone_call, **LEAVING)


@given("a guest in the house calls")
def start_call_in_house(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Start the call of a guest who has checked in."""
    _start(vendors, phone_call, **STAYING)


@given("the colleagues' line is busy")
def make_colleagues_busy(vendors: StubClients) -> None:
    """Let the destination of transfers be busy."""
    vendors.livekit.set_provider_state("a SIP peer", status=486)


@when("the guest asks to check in")
def ask_to_check_in(phone_call: PhoneCall) -> None:
    """Ask without a confirmation."""
    phone_call.interact("check_in_request")


@when("the guest agrees to check in")
def check_in(phone_call: PhoneCall) -> None:
    """Confirm it."""
    phone_call.interact("check_in_request", confirmed=True)


@when("the guest asks what is left to pay")
def ask_for_balance(phone_call: PhoneCall) -> None:
    """Ask for the balance."""
    phone_call.interact("balance_request")


@when("the guest agrees to check out")
def check_out(phone_call: PhoneCall) -> None:
    """Confirm it."""
    phone_call.interact("check_out_request", confirmed=True)


@when(parsers.parse("the guest asks to stay {nights:d} nights longer"), target_fixture="later_departure")
def ask_to_stay_longer(phone_call: PhoneCall, nights: int) -> str:
    """Name the new departure; return it."""
    phone_call.interact("guest_info_request")
    departure = date.fromisoformat(phone_call.response["result"]["departure"]) + timedelta(days=nights)
    phone_call.interact("change_request", departure=str(departure))
    return str(departure)


@when("the guest is asked whether the call may be recorded")
def ask_for_consent(phone_call: PhoneCall) -> None:
    """Ask for the consent."""
    phone_call.interact("recording_consent")


@when(parsers.re("the guest (?P<answer>agrees to|refuses) the recording"))
def answer_about_recording(phone_call: PhoneCall, answer: str) -> None:
    """Give the answer."""
    phone_call.interact("recording_consent", confirmed=answer == "agrees to")


@when(parsers.parse('the guest says "{guest_input}"'))
def order_wake_up_call(phone_call: PhoneCall, guest_input: str) -> None:
    """Order a wake-up call in the guest's words."""
    phone_call.interact("wake_up_request", guest_input)


@when("the guest asks for a human")
def ask_for_human(phone_call: PhoneCall) -> None:
    """Ask for a transfer, and wait until it is over."""
    with expect_transfer(phone_call.operator, "busy"):
        phone_call.interact("transfer_request")


@then(parsers.parse('the guest hears "{reply}"'))
def check_reply(phone_call: PhoneCall, reply: str) -> None:
    """Check the whole reply."""
    assert (phone_call.response["reply"], phone_call.response["warnings"]) == (reply, [])


@then(parsers.parse('the guest is asked "{question}"'))
def check_question(phone_call: PhoneCall, question: str) -> None:
    """Check the end of the reply, and that the confirmation is missing."""
    assert phone_call.response["reply"].endswith(question)
    assert phone_call.response["result"] == {"missing": ["confirmed"]}


def _actions(vendors: StubClients) -> list[str]:
    return [request["operation"] for request in vendors.apaleo.requests() if request["operation"] in ACTIONS]


@then("the stay has not changed")
def check_no_action(vendors: StubClients) -> None:
    """Check that nothing was asked of the PMS."""
    assert _actions(vendors) == []


@then(parsers.parse('the stay was changed by "{operations}"'))
def check_actions(vendors: StubClients, operations: str) -> None:
    """Check what was asked of the PMS."""
    assert _actions(vendors) == operations.split(", ")


@then("the hotel has the later departure")
def check_departure(vendors: StubClients, later_departure: str) -> None:
    """Check the amendment at the PMS."""
    [request] = vendors.apaleo.requests("amend")
    assert (request["status"], json.loads(request["body"])["departure"][:10]) == (204, later_departure)


@then("nothing is recorded")
def check_no_recording(vendors: StubClients) -> None:
    """Check that no recording was started."""
    assert vendors.livekit.requests(START) == []


@then("the call is being recorded")
def check_recording(vendors: StubClients, phone_call: PhoneCall) -> None:
    """Check the recording at LiveKit."""
    assert [body["room_name"] for body in vendors.livekit.bodies(START)] == [f"call-{phone_call.call_id}"]
    assert vendors.livekit.requests(STOP) == []


@then("the recording is stopped")
def check_stopped(vendors: StubClients) -> None:
    """Check the end of the recording at LiveKit."""
    assert [request["status"] for request in vendors.livekit.requests(STOP)] == [200]


@then(parsers.parse('the service understood the time "{at}"'))
def check_understood(phone_call: PhoneCall, at: str) -> None:
    """Check what was read from the guest's words."""
    assert phone_call.response["understood"] == {"time": at}


@then(parsers.parse('a wake-up call to the guest is scheduled for "{at}"'))
def check_order(admin: ApiClient, phone_call: PhoneCall, at: str) -> None:
    """Check the order."""
    call = get_call(admin, phone_call.response["result"]["outbound_call_id"])
    assert (call["kind"], call["status"], call["number"]) == ("wake_up", "scheduled", phone_call.phone)
    assert call["due_at"][11:16] == at


@then("the guest is told that the line is busy")
def check_told(vendors: StubClients) -> None:
    """Check what the agent was sent last."""
    wait_until(lambda: spoken_texts(vendors)[-1] == BUSY, "the guest is told")


@then("the guest can go on speaking")
def check_active(phone_call: PhoneCall) -> None:
    """Check that the call is active."""
    phone_call.interact("small_talk")
    assert (phone_call.response["state"], phone_call.response["outcome"]) == ("active", "done")
