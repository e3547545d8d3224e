"""Every intent while a vendor is away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.scenarios import expect_transfer, exported_calls
from tests.integration.vendors import StubClients

FALLBACK = "I am sorry, I cannot look that up just now. May I connect you with a colleague?"
INTENTS: dict[str, dict[str, Any]] = {
    "greeting": {},
    "small_talk": {},
    "guest_info_request": {},
    "room_service_request": {"service": "breakfast"},
    "late_checkout_request": {},
    "availability_request": DATES,
    "booking_request": {**DATES, "last_name": "Beispiel"},
    "change_request": DATES,
    "cancellation_request": {"confirmed": True},
    "transfer_request": {},
}
PMS_INTENTS = set(INTENTS) - {"greeting", "small_talk", "transfer_request"}


def run_intents(api: ApiClient, call_id: str) -> dict[str, dict[str, Any]]:
    """Send every intent; return the responses by intent."""
    return {
        intent: api.send_event(call_interaction(call_id, intent, second=second, **parameters))
        for second, (intent, parameters) in enumerate(INTENTS.items(), start=1)
    }


def add_caller(vendors: StubClients, call_id: str, phone: str) -> None:
    """Let the caller join the room of the call, so that it can be transferred."""
    vendors.livekit.set_provider_state(
        "a participant in a room",
        room=f"call-{call_id}",
        identity="caller",
        kind="SIP",
        attributes={"sip.phoneNumber": phone, "sip.callID": "SCL_1"},
    )


class TestGracefulDegradation:
    """A vendor that is away costs what it is needed for, and nothing else."""

    def test_without_the_pms_its_intents_offer_a_colleague(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The other intents are carried out; only those that need the PMS have a warning."""
        call_id, phone = names.call(), names.phone()
        vendors.apaleo.inject_fault("status", status=503)
        operator.send_event(call_started(call_id, phone))
        add_caller(vendors, call_id, phone)

        with expect_transfer(operator):
            responses = run_intents(operator, call_id)

        degraded = {intent for intent, response in responses.items() if response["outcome"] == "degraded"}
        warned = {intent for intent, response in responses.items() if response["warnings"]}
        assert degraded == warned == PMS_INTENTS
        assert {responses[intent]["reply"] for intent in PMS_INTENTS} == {FALLBACK}
        assert {warning["code"] for intent in PMS_INTENTS for warning in responses[intent]["warnings"]} == {
            "PMS_UNAVAILABLE"
        }
        assert responses["transfer_request"]["result"] == {"transferring": True}

    def test_without_tts_every_intent_is_carried_out(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The agent gets every text, for a voice of its own."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone, reservation_id=guest))
        add_caller(vendors, call_id, phone)
        spoken = len(vendors.livekit.requests("SendData"))
        vendors.tts.inject_fault("status", status=503)

        with expect_transfer(operator):
            responses = run_intents(operator, call_id)

        assert "degraded" not in {response["outcome"] for response in responses.values()}
        assert len(vendors.livekit.requests("SendData")) == spoken + len(INTENTS)
        warned = {warning["code"] for response in responses.values() for warning in response["warnings"]}
        # texts that were spoken before are in the cache
        assert warned <= {"TTS_UNAVAILABLE"}

    def test_without_livekit_every_intent_but_the_transfer_is_carried_out(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Each response has the text and a warning that the room did not get it."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone, reservation_id=guest))
        vendors.livekit.inject_fault("status", status=503)

        responses = run_intents(operator, call_id)

        degraded = {intent for intent, response in responses.items() if response["outcome"] == "degraded"}
        codes = [{warning["code"] for warning in response["warnings"]} for response in responses.values()]
        assert degraded == {"transfer_request"}
        assert codes == [{"LIVEKIT_UNAVAILABLE"}] * len(INTENTS)
        assert all(response["reply"] for response in responses.values())
        assert responses["booking_request"]["result"]["reservation_id"]

    @pytest.mark.critical
    def test_without_any_vendor_a_call_is_answered_and_recorded(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """From its start to its end."""
        for vendor in vendors.all.values():
            vendor.inject_fault("reset")
        call_id, phone = names.call(), names.phone()

        started = operator.send_event(call_started(call_id, phone))
        responses = run_intents(operator, call_id)
        ended = operator.send_event(call_ended(call_id))

        assert {response["status"] for response in (started, *responses.values(), ended)} == {"success"}
        assert started["reply"] == "Good day. How may I help you?"
        assert ended["state"] == "ended"
        [record] = exported_calls(admin, phone)
        assert len(record["interactions"]) == len(INTENTS)
