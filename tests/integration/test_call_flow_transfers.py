"""What a caller hears, and the hotel learns, when a guest asks for a colleague."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.redis_control import redis_control
from tests.integration.scenarios import add_participant, expect_transfer, exported_calls, spoken_texts
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

CONNECTING = "One moment, I am connecting you."
BUSY = "I am sorry, my colleagues' line is busy just now. Please try again in a few minutes."
NOBODY = "I am sorry, none of my colleagues can take your call just now."
NO_ANSWER = "I am sorry, my colleagues do not answer just now. Is there anything I can do for you?"
NO_PHONE_LINE = "I can connect you only if you call us by telephone."


def ask_for_transfer(operator: ApiClient, call_id: str, second: int = 10) -> None:
    """Ask for a colleague; the response is that the caller is being connected."""
    response = operator.send_event(call_interaction(call_id, "transfer_request", second=second))
    assert (response["state"], response["warnings"]) == ("active", [])
    assert (response["outcome"], response["result"]) == ("done", {"transferring": True})
    assert response["reply"] == CONNECTING


def transfer_outcomes(admin: ApiClient, operator: ApiClient, call_id: str, phone: str) -> list[str]:
    """End a call; return the outcomes of the requests in its record."""
    operator.send_event(call_ended(call_id))
    [record] = exported_calls(admin, phone)
    return [interaction["outcome"] for interaction in record["interactions"]]


@pytest.fixture
def phone(names: IdFactory) -> str:
    """The number of the caller."""
    return names.phone()


@pytest.fixture
def call_id(operator: ApiClient, vendors: StubClients, names: IdFactory, phone: str) -> str:
    """The id of a call whose caller is on the telephone."""
    call_id = names.call()
    operator.send_event(call_started(call_id, phone))
    add_participant(vendors, call_id, "caller", "SIP")
    return call_id


@pytest.mark.critical
def test_caller_is_told_at_once_and_the_telephone_rings_as_long_as_it_may(
    admin: ApiClient, operator: ApiClient, vendors: StubClients, call_id: str, phone: str, redis_url: str
) -> None:
    """LiveKit responds when a colleague picks up; nobody waits for that, and a second request changes nothing."""
    vendors.livekit.inject_fault("delay", "TransferSIPParticipant", seconds=600)

    with expect_transfer(admin, "transferred"), redis_control(redis_url) as redis:
        ask_for_transfer(operator, call_id)
        wait_until(lambda: bool(vendors.livekit.requests("TransferSIPParticipant")), "the telephone rings")
        ask_for_transfer(operator, call_id, second=20)
        wait_until(lambda: redis.count_follow_ups(call_id, "transfer") == 1, "the second one is done")
        vendors.livekit.clear_faults()

    [body] = vendors.livekit.bodies("TransferSIPParticipant")
    assert body == {
        "room_name": f"call-{call_id}",
        "participant_identity": "caller",
        "transfer_to": "tel:+4930000000",
        "ringing_timeout": "30s",
    }
    assert spoken_texts(vendors) == [CONNECTING, CONNECTING]
    assert transfer_outcomes(admin, operator, call_id, phone) == ["done", "done"]


@pytest.mark.parametrize(
    ("peer", "outcome_and_text"),
    [
        ({"status": 486}, ("busy", BUSY)),
        ({"status": 603}, ("declined", NOBODY)),
        ({"answers": False}, ("no_answer", NO_ANSWER)),
    ],
    ids=["busy", "declined", "no_answer"],
)
def test_caller_whom_nobody_takes_over_is_told_and_can_ask_again(
    admin: ApiClient,
    operator: ApiClient,
    vendors: StubClients,
    call_id: str,
    phone: str,
    redis_url: str,
    peer: dict[str, Any],
    outcome_and_text: tuple[str, str],
) -> None:
    """The call goes on with the agent; the record has the outcome of each request."""
    outcome, text = outcome_and_text
    vendors.livekit.set_provider_state("a SIP peer", **peer)
    with expect_transfer(admin, outcome):
        ask_for_transfer(operator, call_id)
    wait_until(lambda: spoken_texts(vendors) == [CONNECTING, text], "the caller is told")

    vendors.livekit.set_provider_state("a SIP peer")
    with redis_control(redis_url) as redis:
        ask_for_transfer(operator, call_id, second=20)
        wait_until(lambda: redis.count_follow_ups(call_id, "transfer") == 0, "the second one is done")

    assert len(vendors.livekit.requests("TransferSIPParticipant")) == 2
    assert spoken_texts(vendors) == [CONNECTING, text, CONNECTING]
    assert transfer_outcomes(admin, operator, call_id, phone) == ["refused", "done"]


def test_outage_during_a_transfer_is_told_and_recorded(
    admin: ApiClient, operator: ApiClient, vendors: StubClients, call_id: str, phone: str
) -> None:
    """The SIP service is away, and the caller is still in the room."""
    vendors.livekit.inject_fault("status", "TransferSIPParticipant", status=503)

    with expect_transfer(admin, "unavailable"):
        ask_for_transfer(operator, call_id)
    wait_until(lambda: spoken_texts(vendors) == [CONNECTING, NOBODY], "the caller is told")

    assert transfer_outcomes(admin, operator, call_id, phone) == ["degraded"]
    assert exported_calls(admin, phone)[0]["warnings"] == ["LIVEKIT_UNAVAILABLE"]


def test_transfer_whose_response_is_lost_is_recognized_by_the_room(
    admin: ApiClient, operator: ApiClient, vendors: StubClients, call_id: str, phone: str
) -> None:
    """A transferred caller leaves the room, so nobody is told that it failed."""
    vendors.livekit.inject_fault("hang", "TransferSIPParticipant", seconds=600, times=1)

    with expect_transfer(admin, "transferred"):
        ask_for_transfer(operator, call_id)
        wait_until(lambda: vendors.livekit.waiting_faults() == [], "the telephone rings")
        vendors.livekit.set_provider_state("no room")
        vendors.livekit.clear_faults()

    assert transfer_outcomes(admin, operator, call_id, phone) == ["done"]


def test_caller_without_a_sip_call_is_told_to_telephone(
    admin: ApiClient, operator: ApiClient, vendors: StubClients, call_id: str
) -> None:
    """LiveKit knows no telephone call of the participant."""
    vendors.livekit.set_provider_state("no room")
    vendors.livekit.set_provider_state(
        "a participant in a room", room=f"call-{call_id}", identity="caller", kind="SIP", attributes={}
    )

    with expect_transfer(admin, "nobody_on_the_line"):
        ask_for_transfer(operator, call_id)

    wait_until(lambda: spoken_texts(vendors) == [CONNECTING, NO_PHONE_LINE], "the caller is told")


def test_caller_from_a_web_browser_is_told_at_once(
    operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """There is no telephone line to transfer."""
    call_id = names.call()
    operator.send_event(call_started(call_id))

    response = operator.send_event(call_interaction(call_id, "transfer_request"))

    assert (response["outcome"], response["result"]) == ("refused", {"reason": "nobody_on_the_line"})
    assert response["reply"] == NO_PHONE_LINE
    assert vendors.livekit.requests("TransferSIPParticipant") == []


def test_caller_who_hangs_up_before_the_transfer_is_not_an_outage(
    admin: ApiClient, operator: ApiClient, vendors: StubClients, call_id: str
) -> None:
    """The caller leaves the room after LiveKit has listed its participants."""
    vendors.livekit.inject_fault("delay", "ListParticipants", seconds=600)

    with ThreadPoolExecutor(1) as pool, expect_transfer(admin, "hung_up"):
        asking = pool.submit(ask_for_transfer, operator, call_id)
        wait_until(lambda: bool(vendors.livekit.requests("ListParticipants")), "the participants are listed")
        vendors.livekit.set_provider_state("no room")
        vendors.livekit.set_provider_state("a room", name=f"call-{call_id}")
        vendors.livekit.clear_faults()
        asking.result()
