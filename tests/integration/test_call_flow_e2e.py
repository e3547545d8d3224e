"""Calls from their first event to their record, with all vendors behind them."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local_stack.stack import Stack
from tests.integration.accounts import MakeUser
from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.call_flow.agents import (
    TestAgents,
    TestRooms,
    caller_phone,
    supervised_call,
)
from tests.integration.call_flow.captions import TestCaptions
from tests.integration.call_flow.degradation import (
    TestCircuitBreakerInTheFlow,
    TestDatabaseAway,
    TestDegradedVendors,
    at_impatient_service,
    impatient_stack,
    postgresql_stack,
)
from tests.integration.call_flow.events import TestErrors, TestEventsInAnyOrder
from tests.integration.call_flow.intents import TestIntents
from tests.integration.call_flow.live_speech import TestLiveSpeech
from tests.integration.call_flow.missing_agents import TestMissingAgents
from tests.integration.call_flow.outbound_orders import TestOutboundOrders, outbound
from tests.integration.call_flow.outbound_placed import TestPlacedCalls
from tests.integration.call_flow.privacy import TestMetrics, TestPrivacy
from tests.integration.call_flow.recorded_call import recorded_call, unrecorded_call
from tests.integration.call_flow.recording import TestRecording
from tests.integration.call_flow.recording_erasure import TestErasureOfRecordings
from tests.integration.call_flow.speech import TestSpeech
from tests.integration.call_flow.understanding import TestUnderstanding
from tests.integration.call_flow.voices import TestVoiceCommand, TestVoiceFallback
from tests.integration.ids import IdFactory
from tests.integration.scenarios import exported_calls, run_whole_call
from tests.integration.vendors import StubClients
from tests.integration.webhooks import LIVEKIT_FORGERIES, deliver_livekit, room_finished, sign_livekit
from tests.thoroughness import choose

__all__ = [
    "TestAgents",
    "TestCaptions",
    "TestCircuitBreakerInTheFlow",
    "TestDatabaseAway",
    "TestDegradedVendors",
    "TestErasureOfRecordings",
    "TestErrors",
    "TestEventsInAnyOrder",
    "TestIntents",
    "TestLiveSpeech",
    "TestMetrics",
    "TestMissingAgents",
    "TestOutboundOrders",
    "TestPlacedCalls",
    "TestPrivacy",
    "TestRecording",
    "TestRooms",
    "TestSpeech",
    "TestUnderstanding",
    "TestVoiceCommand",
    "TestVoiceFallback",
    "at_impatient_service",
    "caller_phone",
    "impatient_stack",
    "outbound",
    "postgresql_stack",
    "recorded_call",
    "supervised_call",
    "unrecorded_call",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
CONCURRENT_CALLS = choose(normal=80, thorough=200)


class TestCallFlowEndToEnd:
    """A call from its first event to its record, as the telephone system drives it."""

    @pytest.mark.critical
    def test_complete_call_flow_authenticated(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Each event has its effect at every vendor, and the end writes the call record."""
        call_id, phone = names.call(), names.phone()

        started = operator.send_event(call_started(call_id, phone, reservation_id=guest))
        details = operator.send_event(call_interaction(call_id, "guest_info_request"))
        ended = operator.send_event(call_ended(call_id, 95.5))

        assert started["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"
        assert (details["result"]["guest_name"], details["result"]["room"]) == ("Ada Muster", "101")
        assert (started["warnings"], ended["state"]) == ([], "ended")
        assert [request["operation"] for request in vendors.livekit.requests()] == [
            "CreateRoom",
            "SendData",
            "SendData",
            "DeleteRoom",
        ]
        [record] = exported_calls(admin, phone)
        assert (record["call_id"], record["duration"]) == (call_id, 95.5)
        assert record["interactions"] == [{"type": "guest_info_request", "outcome": "done"}]

    def test_api_key_can_run_a_call(self, api_key_client: ApiClient, names: IdFactory, guest: str) -> None:
        """A telephone system authenticates with an API key instead of a user's token."""
        call_id = names.call()

        responses = [
            api_key_client.send_event(call_started(call_id, reservation_id=guest)),
            api_key_client.send_event(call_interaction(call_id, "greeting")),
            api_key_client.send_event(call_ended(call_id)),
        ]

        assert [response["state"] for response in responses] == ["active", "active", "ended"]

    def test_guest_is_found_by_phone_number(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo's text search ignores phone numbers, so the reservation list is searched."""
        phone = names.phone()
        person = {"lastName": "Nummer", "phone": phone, "preferredLanguage": "fr"}
        vendors.apaleo.set_provider_state(
            "a reservation", id=names.reservation(), status="InHouse", unit="MUC-102", guest=person
        )

        started = operator.send_event(call_started(names.call(), phone))

        assert started["reply"] == "Bonjour, Nummer. Que puis-je faire pour vous ?"

    def test_reservation_of_other_hotel_is_not_disclosed(
        self, operator: ApiClient, names: IdFactory, guest: str
    ) -> None:
        """A call of one hotel that names another hotel's reservation gets no guest data."""
        call_id = names.call()
        without_id = operator.send_event(call_started(call_id) | {"metadata": {"hotel_id": "BER"}})
        other = call_started(names.call(), reservation_id=guest)
        other["metadata"]["hotel_id"] = "BER"

        with_id = operator.send_event(other)
        details = operator.send_event(call_interaction(other["call_id"], "guest_info_request"))

        assert (without_id["guest_found"], with_id["guest_found"]) == (False, False)
        assert (details["outcome"], details["result"]) == ("refused", {"reason": "no_reservation"})

    def test_user_limited_to_a_hotel_cannot_run_calls_of_another(
        self, make_user: MakeUser, names: IdFactory, operator: ApiClient, call: str
    ) -> None:
        """Neither a new call nor a call that another user started."""
        limited = make_user("operator", hotel_ids=["BER"])

        rejected = [
            limited.post_event(event).status_code
            for event in (call_started(names.call()), call_interaction(call, "greeting"), call_ended(call))
        ]

        assert rejected == [403, 403, 403]
        assert operator.send_event(call_interaction(call, "greeting", second=30))["state"] == "active"

    def test_greeting_audio_is_cached_before_the_room_gets_the_text(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest_without_cached_speech: str
    ) -> None:
        """The agent in the room fetches the greeting's audio without another TTS request."""
        started = operator.send_event(call_started(names.call(), reservation_id=guest_without_cached_speech))
        requests_before = len(vendors.tts.requests())

        audio = operator.post(
            "/tts/synthesize", {"text": started["reply"], "language": "de", "format": "ulaw"}
        )

        assert (audio.status_code, audio.headers["content-type"]) == (200, "audio/basic")
        assert len(audio.content) > 1000
        assert (requests_before, len(vendors.tts.requests())) == (1, 1)

    def test_room_finished_webhook_ends_its_call_once(
        self, stack: Stack, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A signed LiveKit webhook ends the call; a second delivery changes nothing."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        body = room_finished(vendors, call_id)

        statuses = [deliver_livekit(stack, body).status_code for _ in range(2)]

        assert statuses == [200, 200]
        assert operator.post_event(call_interaction(call_id, "greeting")).status_code == 409
        assert len(exported_calls(admin, phone)) == 1

    def test_livekit_webhooks_without_id_are_told_apart_by_their_bodies(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Each of them has its effect."""
        call_ids = [names.call(), names.call()]
        for call_id in call_ids:
            operator.send_event(call_started(call_id))
            body = json.dumps(json.loads(room_finished(vendors, call_id)) | {"id": ""}).encode()
            assert deliver_livekit(stack, body).status_code == 200

        statuses = [
            operator.post_event(call_interaction(call_id, "greeting")).status_code for call_id in call_ids
        ]

        assert statuses == [409, 409]

    def test_livekit_webhook_with_changed_body_is_rejected(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The signature covers the body, so a changed body ends no call."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        body = room_finished(vendors, call_id)

        rejected = deliver_livekit(stack, body + b" ", sign_livekit(body))

        assert (rejected.status_code, rejected.json()["error"]["code"]) == (401, "AUTHENTICATION_ERROR")
        assert operator.send_event(call_interaction(call_id, "greeting"))["state"] == "active"

    @pytest.mark.parametrize("forgery", LIVEKIT_FORGERIES)
    def test_livekit_webhook_with_forged_signature_is_rejected(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory, forgery: str
    ) -> None:
        """A webhook that LiveKit did not sign, or signed for another time or key, ends no call."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        body = room_finished(vendors, call_id)

        rejected = deliver_livekit(stack, body, LIVEKIT_FORGERIES[forgery](body))

        assert (rejected.status_code, rejected.json()["error"]["code"]) == (401, "AUTHENTICATION_ERROR")
        assert operator.send_event(call_interaction(call_id, "greeting"))["state"] == "active"

    def test_livekit_webhook_for_unknown_room_is_accepted(self, stack: Stack, vendors: StubClients) -> None:
        """LiveKit repeats a webhook whose response is not 200."""
        body = room_finished(vendors, "unknown")

        assert deliver_livekit(stack, body).status_code == 200


class TestConcurrentCalls:
    """Many calls at a time."""

    @pytest.mark.slow
    async def test_concurrent_calls_are_kept_apart(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Each call gets its own room and state."""
        call_ids = [names.call() for _ in range(CONCURRENT_CALLS)]
        limits = httpx.Limits(max_connections=32)

        async with httpx.AsyncClient(
            base_url=operator.url, headers=operator.headers, timeout=TIMEOUT_SECONDS, limits=limits
        ) as http:
            outcomes = await asyncio.gather(*(run_whole_call(http, call_id, guest) for call_id in call_ids))

        assert outcomes == [("active", "101", "ended")] * CONCURRENT_CALLS
        rooms = {json.loads(request["body"])["name"] for request in vendors.livekit.requests("CreateRoom")}
        assert rooms == {f"call-{call_id}" for call_id in call_ids}

    def test_concurrent_interactions_are_all_recorded(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory, guest: str
    ) -> None:
        """No interaction of a call is lost to a concurrent one."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone, reservation_id=guest))

        with ThreadPoolExecutor(8) as pool:
            list(
                pool.map(
                    operator.send_event,
                    [call_interaction(call_id, "small_talk", second=second) for second in range(20)],
                )
            )
        operator.send_event(call_ended(call_id))

        [record] = exported_calls(admin, phone)
        assert len(record["interactions"]) == 20
