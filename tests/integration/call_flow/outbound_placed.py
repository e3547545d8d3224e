"""Wake-up calls and call-backs are placed at their time: attempts, outcomes, and who may not be called."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from local_stack.stack import Stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction
from tests.integration.call_flow.outbound_steps import (
    OutboundCalls,
    dialled_numbers,
    exported_outbound_calls,
    let_telephone_be,
    order,
)
from tests.integration.database_control import leave_outbound_call_dialling
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.scenarios import exported_calls
from tests.integration.settings import OUTBOUND_ATTEMPTS, OUTBOUND_NUMBER, OUTBOUND_TRUNK
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until
from tests.integration.webhooks import deliver_livekit, room_finished

GREETINGS = {
    "wake_up": "Good morning. This is your wake-up call.",
    "call_back": "Good day. You asked me to call you back. How may I help you?",
}


def answered_count(api: ApiClient, kind: str) -> float:
    """Return how many calls of a kind were answered."""
    return read_metrics(api).get(f'outbound_calls_total{{kind="{kind}",outcome="answered"}}', 0)


class TestPlacedCalls:
    """What happens when the time of a call has come."""

    @pytest.mark.critical
    @pytest.mark.parametrize("kind", ["wake_up", "call_back"])
    def test_answered_call_is_spoken_to_and_goes_on(
        self,
        outbound: OutboundCalls,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        kind: str,
    ) -> None:
        """One attempt over the hotel's trunk; the guest can go on speaking, and the call has a record."""
        let_telephone_be(vendors)
        phone, before = names.phone(), answered_count(admin, kind)

        call = outbound.place(order(operator, phone, kind=kind)["id"])

        call_id, room_name = call["call_id"], f"call-{call['call_id']}"
        [dialled] = vendors.livekit.bodies("CreateSIPParticipant")
        expected = {"sip_trunk_id": OUTBOUND_TRUNK, "sip_number": OUTBOUND_NUMBER, "sip_call_to": phone}
        assert {name: dialled[name] for name in expected} == expected
        assert (dialled["room_name"], dialled["wait_until_answered"]) == (room_name, True)
        [message] = vendors.livekit.bodies("SendData")
        assert (message["room"], spoken_text(message)) == (room_name, GREETINGS[kind])
        assert (call["status"], call["attempts"], call["number"]) == ("answered", 1, None)
        assert answered_count(admin, kind) == before + 1
        details = operator.send_event(call_interaction(call_id, "small_talk"))
        operator.send_event(call_ended(call_id))
        assert (details["state"], [each["call_id"] for each in exported_calls(admin, phone)]) == (
            "active",
            [call_id],
        )

    @pytest.mark.parametrize(
        ("peer", "status", "reason", "attempts"),
        [
            ({"status": 486}, "scheduled", "busy", 1),
            ({"answers": False}, "scheduled", "no_answer", 1),
            ({"worker": False}, "scheduled", "no_sip_service", 0),
            ({"status": 603}, "failed", "declined", 1),
            ({"status": 404}, "failed", "unknown_number", 1),
        ],
        ids=str,
    )
    def test_unanswered_call_is_attempted_again_or_over(
        self,
        outbound: OutboundCalls,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        peer: dict[str, Any],
        status: str,
        reason: str,
        attempts: int,
    ) -> None:
        """A busy telephone or nobody there may be different later; whoever declines is left alone."""
        let_telephone_be(vendors, **peer)
        call_id = order(operator, names.phone(), kind="call_back")["id"]

        call = outbound.place(call_id)

        assert (call["status"], call["reason"], call["attempts"]) == (status, reason, attempts)
        assert (call["next_attempt_at"] is not None) is (status == "scheduled")
        assert vendors.livekit.bodies("SendData") == []
        wait_until(lambda: len(vendors.livekit.requests("DeleteRoom")) == 1, "the room is closed")

    def test_unknown_trunk_is_final(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A mistake in the settings does not go away by itself."""
        call = outbound.place(order(operator, names.phone(), kind="call_back")["id"])

        assert (call["status"], call["reason"]) == ("failed", "unknown_trunk")
        wait_until(lambda: len(vendors.livekit.requests("DeleteRoom")) == 1, "the room is closed")

    def test_busy_guest_is_reached_later(
        self,
        stack: Stack,
        outbound: OutboundCalls,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
    ) -> None:
        """The second attempt is answered; LiveKit's message that the first room was closed does not end it."""
        let_telephone_be(vendors, status=486)
        call_id = order(operator, names.phone())["id"]
        busy = outbound.place(call_id)
        [room_name] = [body["room_name"] for body in vendors.livekit.bodies("CreateSIPParticipant")]
        deliver_livekit(stack, room_finished(vendors, room_name.removeprefix("call-")))
        let_telephone_be(vendors)

        answered = outbound.place(call_id)

        next_at = datetime.fromisoformat(busy["next_attempt_at"])
        assert next_at - datetime.fromisoformat(busy["ordered_at"]) > timedelta(minutes=50)
        assert (answered["status"], answered["attempts"]) == ("answered", 2)
        event = call_interaction(answered["call_id"], "small_talk")
        assert operator.send_event(event)["state"] == "active"

    def test_attempts_are_limited(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Staff still sees the number of a guest who was not reached."""
        let_telephone_be(vendors, answers=False)
        phone = names.phone()
        call_id = order(operator, phone)["id"]

        calls = [outbound.place(call_id) for _ in range(OUTBOUND_ATTEMPTS)]

        assert [call["status"] for call in calls] == ["scheduled", "failed"]
        assert (calls[-1]["number"], dialled_numbers(vendors)) == (phone, [phone] * OUTBOUND_ATTEMPTS)

    def test_call_that_is_too_late_is_not_made(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The service was down at its time."""
        let_telephone_be(vendors)

        call = outbound.place(order(operator, names.phone())["id"], timedelta(days=2))

        assert (call["status"], call["reason"], dialled_numbers(vendors)) == ("failed", "too_late", [])

    @pytest.mark.critical
    @pytest.mark.parametrize(
        ("in_room", "status", "messages"), [(True, "answered", 1), (False, "unknown", 0)]
    )
    def test_call_of_a_killed_process_is_not_dialled_again(
        self,
        outbound: OutboundCalls,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        *,
        in_room: bool,
        status: str,
        messages: int,
    ) -> None:
        """Who is in the room decides: a guest who waits there is spoken to, otherwise nobody knows what happened."""
        let_telephone_be(vendors)
        call = order(operator, names.phone())
        if in_room:
            vendors.livekit.set_provider_state(
                "a participant in a room",
                room=f"call-{call['call_id']}",
                identity="guest",
                kind="SIP",
                attributes={"sip.phoneNumber": call["number"], "sip.callID": "SCL_1"},
            )
        leave_outbound_call_dialling(outbound.database, call["id"])

        over = outbound.wait_for_change(call)

        assert (over["status"], dialled_numbers(vendors)) == (status, [])
        assert len(vendors.livekit.bodies("SendData")) == messages

    def test_erased_guest_is_not_called(
        self,
        outbound: OutboundCalls,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
    ) -> None:
        """The order is gone with the data of the guest; another guest is called."""
        let_telephone_be(vendors)
        phone, other = names.phone(), names.phone()
        call_id = order(operator, phone)["id"]

        before = exported_outbound_calls(admin, phone)
        erased = admin.post("/gdpr/deletion-request", {"subject": phone}).json()
        outbound.place(order(operator, other)["id"])

        assert ([call["number"] for call in before], erased["outbound_calls"]) == ([phone], 1)
        assert operator.get(f"/outbound-calls/{call_id}").status_code == 404
        assert (exported_outbound_calls(admin, phone), dialled_numbers(vendors)) == ([], [other])


def spoken_text(message: dict[str, Any]) -> str:
    """Return the text of a message to the voice agent."""
    text: str = json.loads(base64.b64decode(message["data"]))["text"]
    return text
