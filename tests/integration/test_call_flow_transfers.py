"""What a caller hears, and a client gets, if nobody can take the call over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

SIP_CALL = {"sip.callID": "SCL_1"}


def _start_call(
    operator: ApiClient, vendors: StubClients, names: IdFactory, attributes: dict[str, str] = SIP_CALL
) -> str:
    """Start a call whose caller is in its room; return its id."""
    call_id = names.call()
    operator.send_event(call_started(call_id))
    vendors.livekit.set_provider_state(
        "a participant in a room",
        room=f"call-{call_id}",
        identity="caller",
        kind="SIP",
        attributes=attributes,
    )
    return call_id


def _ask_for_transfer(operator: ApiClient, call_id: str, second: int = 10) -> tuple[str, dict[str, Any], str]:
    """Return outcome, result and reply."""
    response = operator.send_event(call_interaction(call_id, "transfer_request", second=second))
    assert (response["state"], response["warnings"]) == ("active", [])
    return response["outcome"], response["result"], response["reply"]


def test_busy_number_can_be_tried_again(operator: ApiClient, vendors: StubClients, names: IdFactory) -> None:
    """The caller hears that the line is busy, and is transferred as soon as it is free."""
    call_id = _start_call(operator, vendors, names)
    vendors.livekit.set_provider_state("a SIP peer", status=486)

    busy = _ask_for_transfer(operator, call_id)
    vendors.livekit.set_provider_state("a SIP peer")
    free = _ask_for_transfer(operator, call_id, second=20)

    assert busy == (
        "refused",
        {"reason": "busy"},
        "I am sorry, my colleagues' line is busy just now. Please try again in a few minutes.",
    )
    assert free == ("done", {"transferred": True}, "One moment, I am connecting you.")


def test_unanswered_transfer_leaves_the_caller_with_the_agent(
    operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """The caller hears that nobody answers, and the call goes on."""
    call_id = _start_call(operator, vendors, names)
    vendors.livekit.set_provider_state("a SIP peer", answers=False)

    assert _ask_for_transfer(operator, call_id) == (
        "refused",
        {"reason": "no_answer"},
        "I am sorry, my colleagues do not answer just now. Is there anything I can do for you?",
    )


def test_caller_without_a_sip_call_is_told_to_telephone(
    operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """LiveKit knows no telephone call of the participant."""
    call_id = _start_call(operator, vendors, names, attributes={})

    assert _ask_for_transfer(operator, call_id) == (
        "refused",
        {"reason": "nobody_on_the_line"},
        "I can connect you only if you call us by telephone.",
    )


def test_caller_who_hangs_up_before_the_transfer_is_not_an_outage(
    operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """The caller leaves the room after LiveKit has listed its participants."""
    call_id = _start_call(operator, vendors, names)
    vendors.livekit.inject_fault("delay", "ListParticipants", seconds=600)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(_ask_for_transfer, operator, call_id)
        wait_until(lambda: bool(vendors.livekit.requests("ListParticipants")), "the participants are listed")
        vendors.livekit.set_provider_state("no room")
        vendors.livekit.set_provider_state("a room", name=f"call-{call_id}")
        vendors.livekit.clear_faults()
        outcome, result, _reply = asking.result()

    assert (outcome, result) == ("refused", {"reason": "hung_up"})
