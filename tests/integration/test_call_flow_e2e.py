"""A call from its first ring to its record, with all vendors behind it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import soundfile

from local_stack.stack import ADMIN, Stack, run_stack
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.integration.api import ApiClient, IdFactory, call_ended, call_interaction, call_started
from tests.integration.conftest import LENIENT_SETTINGS, MakeUser, login_client, require_local_stack
from tests.integration.vendors import StubClients
from tests.postgresql_server import PostgresqlServer, postgresql_server

ARRIVAL = date.today() + timedelta(days=40)  # noqa: DTZ011 - any day to come will do
DATES: dict[str, Any] = {"arrival": str(ARRIVAL), "departure": str(ARRIVAL + timedelta(days=2))}
CARD = "4111 1111 1111 1111"
MAIL = "ada.muster@example.org"


@pytest.fixture
def guest(vendors: StubClients, names: IdFactory) -> str:
    """The reservation of a guest in the house."""
    reservation = names.reservation()
    vendors.apaleo.given("a reservation", id=reservation, status="InHouse", unit="MUC-101")
    return reservation


@pytest.fixture
def guest_without_cached_speech(vendors: StubClients, names: IdFactory) -> str:
    """The reservation of a guest whose name was never spoken."""
    reservation = names.reservation()
    person = {"lastName": names.call(), "preferredLanguage": "de"}
    vendors.apaleo.given("a reservation", id=reservation, status="InHouse", unit="MUC-101", guest=person)
    return reservation


@pytest.fixture
def call(operator: ApiClient, names: IdFactory, guest: str) -> Iterator[str]:
    """A call of that guest, which has begun; ended afterwards."""
    call_id = names.call()
    operator.send_event(call_started(call_id, reservation_id=guest))
    yield call_id
    operator.post("/webhook/call-event", call_ended(call_id))


class TestCallFlowEndToEnd:
    """The flow, as the telephone drives it."""

    @pytest.mark.critical
    def test_complete_call_flow_authenticated(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Each step of a call has its effect at each vendor, and its end leaves a record."""
        call_id, phone = names.call(), names.phone()

        begun = operator.send_event(call_started(call_id, phone, reservation_id=guest))
        told = operator.send_event(call_interaction(call_id, "guest_info_request"))
        over = operator.send_event(call_ended(call_id, 95.5))

        assert begun["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"
        assert (told["result"]["guest_name"], told["result"]["room"]) == ("Ada Muster", "101")
        assert (begun["warnings"], over["state"]) == ([], "ended")
        assert [one["operation"] for one in vendors.livekit.requests()] == [
            "CreateRoom",
            "SendData",
            "SendData",
            "DeleteRoom",
        ]
        [record] = admin.get(f"/gdpr/export/{phone}").json()["calls"]
        assert (record["call_id"], record["duration"]) == (call_id, 95.5)
        assert record["interactions"] == [{"type": "guest_info_request", "outcome": "done"}]

    def test_an_api_key_runs_a_call_too(
        self, api_key_client: ApiClient, names: IdFactory, guest: str
    ) -> None:
        """The telephone is a service."""
        call_id = names.call()

        answers = [
            api_key_client.send_event(call_started(call_id, reservation_id=guest)),
            api_key_client.send_event(call_interaction(call_id, "greeting")),
            api_key_client.send_event(call_ended(call_id)),
        ]

        assert [answer["state"] for answer in answers] == ["active", "active", "ended"]

    def test_a_guest_is_found_by_number(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo's search does not look at numbers, so the list is searched."""
        phone = names.phone()
        person = {"lastName": "Nummer", "phone": phone, "preferredLanguage": "fr"}
        vendors.apaleo.given(
            "a reservation", id=names.reservation(), status="InHouse", unit="MUC-102", guest=person
        )

        begun = operator.send_event(call_started(names.call(), phone))

        assert begun["reply"] == "Bonjour, Nummer. Que puis-je faire pour vous ?"

    def test_reservation_of_other_hotel_is_not_disclosed(
        self, operator: ApiClient, names: IdFactory, guest: str
    ) -> None:
        """Whoever names a reservation of another hotel hears nothing of it."""
        call_id = names.call()
        begun = operator.send_event(
            call_started(call_id, reservation_id=guest) | {"metadata": {"hotel_id": "BER"}}
        )
        other = call_started(names.call(), reservation_id=guest)
        other["metadata"]["hotel_id"] = "BER"

        begun_with_id = operator.send_event(other)
        told = operator.send_event(call_interaction(other["call_id"], "guest_info_request"))

        assert (begun["guest_found"], begun_with_id["guest_found"]) == (False, False)
        assert (told["outcome"], told["result"]) == ("refused", {"reason": "no_reservation"})

    def test_a_user_of_one_hotel_runs_no_calls_of_another(
        self, make_user: MakeUser, names: IdFactory, operator: ApiClient, call: str
    ) -> None:
        """Neither new ones nor those that others began."""
        limited = make_user("operator", hotel_ids=["BER"])

        refused = [
            limited.post("/webhook/call-event", event).status_code
            for event in (call_started(names.call()), call_interaction(call, "greeting"), call_ended(call))
        ]

        assert refused == [403, 403, 403]
        assert operator.send_event(call_interaction(call, "greeting", second=30))["state"] == "active"

    def test_the_audio_is_ready_before_the_room_is_told(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest_without_cached_speech: str
    ) -> None:
        """The agent in the room gets the text, and fetches audio that is there already."""
        begun = operator.send_event(call_started(names.call(), reservation_id=guest_without_cached_speech))
        spoken = len(vendors.tts.requests())

        audio = operator.post("/tts/synthesize", {"text": begun["reply"], "language": "de", "format": "ulaw"})

        assert (audio.status_code, audio.headers["content-type"]) == (200, "audio/basic")
        assert len(audio.content) > 1000
        assert (spoken, len(vendors.tts.requests())) == (1, 1)

    def test_a_finished_room_ends_its_call(
        self, stack: Stack, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """LiveKit says so, signed; delivered twice it is one end."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        body = _livekit_event(vendors, call_id)

        answers = [_deliver(stack, body, body).status_code for _ in range(2)]

        assert answers == [200, 200]
        assert operator.post("/webhook/call-event", call_interaction(call_id, "greeting")).status_code == 409
        assert len(admin.get(f"/gdpr/export/{phone}").json()["calls"]) == 1

    def test_a_webhook_whose_body_was_changed_is_refused(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """It is not what LiveKit signed, and ends no call."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        body = _livekit_event(vendors, call_id)

        refused = _deliver(stack, body, body + b" ")

        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "AUTHENTICATION_ERROR")
        assert operator.send_event(call_interaction(call_id, "greeting"))["state"] == "active"

    def test_a_webhook_about_an_unknown_room_is_taken(self, stack: Stack, vendors: StubClients) -> None:
        """LiveKit would deliver it again and again otherwise."""
        body = _livekit_event(vendors, "unknown")

        assert _deliver(stack, body, body).status_code == 200


class TestIntents:
    """What a guest may want, as an operation at the vendor."""

    def test_stay_details_are_returned(self, operator: ApiClient, call: str, guest: str) -> None:
        """Name, room and dates."""
        told = operator.send_event(call_interaction(call, "guest_info_request", "When do I leave?"))

        assert told["result"] == {
            "reservation_id": guest,
            "guest_name": "Ada Muster",
            "room": "101",
            "status": "in_house",
            "arrival": "2027-05-01",
            "departure": "2027-05-03",
            "balance_due": "240.00 EUR",
        }

    @pytest.mark.parametrize(
        ("said", "parameters"),
        [("Breakfast in my room, please", {}), ("The usual", {"service": "breakfast"})],
    )
    def test_room_service_is_booked(
        self, operator: ApiClient, vendors: StubClients, call: str, said: str, parameters: dict[str, Any]
    ) -> None:
        """By what is said, or by what was understood."""
        told = operator.send_event(call_interaction(call, "room_service_request", said, **parameters))

        [booked] = vendors.apaleo.requests("bookService")
        assert (told["outcome"], booked["status"]) == ("done", 204)
        assert json.loads(booked["body"]) == {"serviceId": "MUC-BREAKFAST", "count": 1}

    def test_an_unclear_order_is_asked_about(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """Nothing is booked on a guess."""
        told = operator.send_event(call_interaction(call, "room_service_request", "Something nice"))

        assert (told["outcome"], told["result"]) == ("input_required", {"missing": ["service"]})
        assert vendors.apaleo.requests("bookService") == []

    def test_a_service_the_hotel_does_not_have_is_refused(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """And Apaleo is not bothered."""
        told = operator.send_event(call_interaction(call, "room_service_request", service="helicopter"))

        assert (told["outcome"], told["result"]) == ("refused", {"reason": "unknown_service"})
        assert vendors.apaleo.requests("bookService") == []

    def test_a_late_checkout_is_booked(self, operator: ApiClient, vendors: StubClients, call: str) -> None:
        """As the hotel's service."""
        operator.send_event(call_interaction(call, "late_checkout_request"))

        [booked] = vendors.apaleo.requests("bookService")
        assert json.loads(booked["body"])["serviceId"] == "MUC-LATE_CHECKOUT"

    def test_availability_names_the_price(self, operator: ApiClient, call: str) -> None:
        """For the nights that were asked for."""
        told = operator.send_event(call_interaction(call, "availability_request", **DATES, adults=2))

        [offer] = told["result"]["offers"]
        assert (offer["price"], offer["arrival"], offer["available"]) == ("240.00 EUR", DATES["arrival"], 4)

    def test_a_full_hotel_is_said_to_be_full(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """Nothing can be sold."""
        vendors.apaleo.given("units to sell", available=0)

        told = operator.send_event(call_interaction(call, "availability_request", **DATES))

        assert (told["outcome"], told["result"]) == ("refused", {"reason": "sold_out"})

    @pytest.mark.parametrize(
        ("kind", "missing"),
        [
            ("availability_request", ["arrival", "departure"]),
            ("booking_request", ["arrival", "departure"]),
            ("change_request", ["arrival", "departure"]),
            ("cancellation_request", ["confirmed"]),
        ],
    )
    def test_missing_parameters_are_requested(
        self, operator: ApiClient, call: str, kind: str, missing: list[str]
    ) -> None:
        """By name, for the agent to ask the guest."""
        told = operator.send_event(call_interaction(call, kind))

        assert (told["outcome"], told["result"]["missing"]) == ("input_required", missing)

    @pytest.mark.parametrize(
        ("parameters", "field"),
        [
            (DATES | {"arrival": "2020-01-01"}, "parameters.arrival"),
            (DATES | {"departure": DATES["arrival"]}, "parameters.departure"),
            (DATES | {"departure": str(ARRIVAL + timedelta(days=366))}, "parameters.departure"),
            (DATES | {"adults": 0}, "parameters.adults"),
            (DATES | {"adults": 10}, "parameters.adults"),
        ],
    )
    def test_invalid_parameters_return_422_with_field(
        self, operator: ApiClient, vendors: StubClients, call: str, parameters: dict[str, Any], field: str
    ) -> None:
        """The field, and no call to the PMS."""
        vendors.apaleo.reset()

        answer = operator.post(
            "/webhook/call-event", call_interaction(call, "availability_request", **parameters)
        )

        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["error"]["details"]] == [field]
        assert vendors.apaleo.requests() == []

    def test_a_booking_is_made_once(self, operator: ApiClient, vendors: StubClients, call: str) -> None:
        """Delivered twice, it is one booking with one id."""
        event = call_interaction(call, "booking_request", **DATES, last_name="Beispiel", adults=2)

        first, second = operator.send_event(event), operator.send_event(event)

        assert first == second
        assert re.fullmatch(r"BOOK\d{4}-1", first["result"]["reservation_id"])
        assert len(vendors.apaleo.requests("createBooking")) == 1

    def test_a_stay_is_moved(self, operator: ApiClient, vendors: StubClients, names: IdFactory) -> None:
        """To the dates that were asked for, if there is a room."""
        reservation, call_id = names.reservation(), names.call()
        vendors.apaleo.given("a reservation", id=reservation)
        operator.send_event(call_started(call_id, reservation_id=reservation))

        moved = operator.send_event(call_interaction(call_id, "change_request", **DATES))
        told = operator.send_event(call_interaction(call_id, "guest_info_request", second=20))

        assert moved["outcome"] == "done"
        assert (told["result"]["arrival"], told["result"]["departure"]) == (
            DATES["arrival"],
            DATES["departure"],
        )

    def test_a_stay_that_began_is_not_cancelled(self, operator: ApiClient, call: str) -> None:
        """The PMS refuses; the guest is offered a colleague."""
        told = operator.send_event(call_interaction(call, "cancellation_request", confirmed=True))

        assert (told["outcome"], told["result"]) == ("refused", {"reason": "refused"})

    def test_a_transfer_without_anybody_on_the_line_is_refused(self, operator: ApiClient, call: str) -> None:
        """There must be a caller to hand over."""
        told = operator.send_event(call_interaction(call, "transfer_request"))

        assert (told["outcome"], told["result"]) == ("refused", {"reason": "nobody_on_the_line"})


class TestEventsInAnyOrder:
    """Events are delivered late, twice, and in the wrong order."""

    def test_an_event_delivered_again_has_no_second_effect(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Same answer, one room, one look-up."""
        event = call_started(names.call(), reservation_id=guest)

        answers = [operator.send_event(event) for _ in range(3)]

        assert answers == [answers[0]] * 3
        assert len(vendors.livekit.requests("CreateRoom")) == 1
        assert len(vendors.apaleo.requests("getReservation")) == 1

    def test_whoever_delivers_it_again_gets_the_same_answer(
        self,
        operator: ApiClient,
        api_key_client: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        guest: str,
    ) -> None:
        """The telephone may have more than one instance, each with a key of its own."""
        event = call_started(names.call(), reservation_id=guest)

        assert operator.send_event(event) == api_key_client.send_event(event)
        assert len(vendors.livekit.requests("CreateRoom")) == 1

    def test_an_event_delivered_many_times_at_once_has_one_effect(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """Whoever comes second waits for the answer of the first."""
        event = call_interaction(call, "late_checkout_request")

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(operator.send_event, [event] * 8))

        assert answers == [answers[0]] * 8
        assert len(vendors.apaleo.requests("bookService")) == 1

    @pytest.mark.parametrize("event", [call_interaction("late-1", "greeting"), call_ended("late-1")])
    def test_event_for_unknown_call_is_retryable_404(
        self, operator: ApiClient, event: dict[str, Any]
    ) -> None:
        """It is not known yet, and the sender is told to try again."""
        answer = operator.post("/webhook/call-event", event)

        assert (answer.status_code, answer.json()["error"]["retryable"]) == (404, True)

    def test_a_call_that_ended_does_not_go_on(self, operator: ApiClient, names: IdFactory) -> None:
        """Nor does it begin anew."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        operator.send_event(call_ended(call_id))

        late = operator.post("/webhook/call-event", call_interaction(call_id, "greeting"))
        again = operator.post("/webhook/call-event", call_started(call_id, "+4930999999"))

        assert [late.status_code, again.status_code] == [409, 409]

    def test_a_second_end_changes_nothing(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """The record is the first one's."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        operator.send_event(call_ended(call_id, 10))

        again = operator.send_event(call_ended(call_id, 99))

        assert again["state"] == "ended"
        [record] = admin.get(f"/gdpr/export/{phone}").json()["calls"]
        assert record["duration"] == 10

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"event": "call.paused"}, "call.paused"),
            ({"call_id": ""}, "call_id"),
            ({"call_id": "a/b"}, "call_id"),
            ({"from_number": "030 12345"}, "from_number"),
            ({"timestamp": "9999-12-31T23:59:59-14:00"}, "timestamp"),
            ({"metadata": {}}, "metadata.hotel_id"),
            ({"metadata": {"hotel_id": "MUC", "guest_data": []}}, "metadata.guest_data"),
            ({"surprise": 1}, "surprise"),
        ],
    )
    def test_a_wrong_event_is_refused_by_field(
        self, operator: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """The field is named, and what was sent is not repeated."""
        answer = operator.post("/webhook/call-event", call_started("wrong-1") | change)

        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
        assert any(field in f"{one['field']} {one['problem']}" for one in error["details"])

    @pytest.mark.parametrize("name", ["call_id", "from_number", "to_number", "timestamp", "metadata"])
    def test_a_missing_field_is_named(self, operator: ApiClient, name: str) -> None:
        """One at a time."""
        event = call_started("wrong-2")
        del event[name]

        answer = operator.post("/webhook/call-event", event)

        assert [one["field"].rpartition(".")[2] for one in answer.json()["error"]["details"]] == [name]


class TestDegradedVendors:
    """A vendor that is away does not end a call."""

    @pytest.mark.critical
    @pytest.mark.parametrize(
        ("kind", "how"),
        [("status", {"status": 503}), ("reset", {}), ("malformed", {}), ("status", {"status": 401})],
    )
    def test_a_call_goes_on_without_the_pms(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        guest: str,
        kind: str,
        how: dict[str, Any],
    ) -> None:
        """Greeted without a name, with a warning for machines; a wish for the PMS gets a fallback."""
        vendors.apaleo.inject_fault(kind, "getReservation", **how)
        call_id = names.call()

        begun = operator.send_event(call_started(call_id, reservation_id=guest))
        told = operator.send_event(call_interaction(call_id, "guest_info_request"))

        assert (begun["status"], begun["reply"]) == ("success", "Good day. How may I help you?")
        assert [one["code"] for one in begun["warnings"]] == ["PMS_UNAVAILABLE"]
        assert (told["outcome"], [one["vendor"] for one in told["warnings"]]) == ("degraded", ["pms"])

    def test_a_pms_that_is_back_is_used_again(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The reservation that was named at the start is not forgotten."""
        vendors.apaleo.inject_fault("status", "getReservation", status=503)
        call_id = names.call()
        operator.send_event(call_started(call_id, reservation_id=guest))
        vendors.apaleo.clear_faults()

        told = _until_not_degraded(operator, call_id)

        assert told["result"]["guest_name"] == "Ada Muster"

    def test_without_a_voice_the_agent_gets_the_text(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest_without_cached_speech: str
    ) -> None:
        """It can read it with a voice of its own."""
        vendors.tts.inject_fault("status", status=503)

        begun = operator.send_event(call_started(names.call(), reservation_id=guest_without_cached_speech))

        assert [one["code"] for one in begun["warnings"]] == ["TTS_UNAVAILABLE"]
        assert len(vendors.livekit.requests("SendData")) == 1

    def test_without_a_room_the_call_is_still_known(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """LiveKit is away; the guest was found, and nothing is said in a room that is not there."""
        vendors.livekit.inject_fault("status", status=503)

        begun = operator.send_event(call_started(names.call(), reservation_id=guest))

        assert (begun["guest_found"], [one["code"] for one in begun["warnings"]]) == (
            True,
            ["LIVEKIT_UNAVAILABLE"],
        )
        assert vendors.livekit.requests("SendData") == []

    def test_a_slow_pms_does_not_hold_the_call_up(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The look-up has a deadline."""
        vendors.apaleo.inject_fault("hang", "getReservation", seconds=30)

        begun = operator.send_event(call_started(names.call(), reservation_id=guest))

        assert [one["code"] for one in begun["warnings"]] == ["PMS_UNAVAILABLE"]

    def test_a_room_that_is_gone_does_not_keep_a_call_from_ending(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """LiveKit closes a room when the last one leaves it."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        vendors.livekit.given("no room")

        over = operator.send_event(call_ended(call_id))

        assert (over["state"], over["warnings"]) == ("ended", [])


class TestCircuitBreakerInTheFlow:
    """A vendor that fails is left alone for a while."""

    def test_open_circuit_stops_vendor_requests(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """After three failures in a row Apaleo is not asked any more, and is asked again when it may be back."""
        vendors.apaleo.inject_fault("status", status=503)
        for _ in range(3):
            operator.send_event(call_started(names.call(), reservation_id=names.reservation()))
        asked = len(vendors.apaleo.requests())

        left_alone = operator.send_event(call_started(names.call(), reservation_id=names.reservation()))

        assert left_alone["warnings"][0]["code"] == "PMS_UNAVAILABLE"
        assert len(vendors.apaleo.requests()) == asked
        [circuit] = [
            one for one in admin.get("/resilience/circuit-breakers").json() if one["name"] == "apaleo"
        ]
        assert circuit["state"] == "open"

    def test_an_operator_closes_a_circuit(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The next call asks again."""
        vendors.apaleo.inject_fault("status", status=503)
        for _ in range(3):
            operator.send_event(call_started(names.call(), reservation_id=names.reservation()))
        vendors.apaleo.clear_faults()

        closed = admin.post("/resilience/circuit-breakers/apaleo/reset").json()
        begun = operator.send_event(call_started(names.call(), reservation_id=guest))

        assert (closed["state"], begun["guest_found"]) == ("closed", True)

    def test_a_circuit_tries_again_by_itself(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """After its time one call is let through, and its success closes the circuit."""
        vendors.apaleo.inject_fault("status", status=503)
        for _ in range(3):
            operator.send_event(call_started(names.call(), reservation_id=names.reservation()))
        vendors.apaleo.clear_faults()
        call_id = names.call()
        operator.send_event(call_started(call_id, reservation_id=guest))

        told = _until_not_degraded(operator, call_id)

        assert told["outcome"] == "done"

    def test_4xx_does_not_open_circuit(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A vendor that says no is well."""
        for _ in range(5):
            operator.send_event(call_started(names.call(), reservation_id=names.reservation()))

        states = {one["name"]: one["state"] for one in admin.get("/resilience/circuit-breakers").json()}

        assert states["apaleo"] == "closed"
        assert {one["status"] for one in vendors.apaleo.requests("getReservation")} == {404}


@pytest.fixture
def postgresql_stack(tmp_path: Path) -> Iterator[tuple[ApiClient, PostgresqlServer]]:
    """A service on a PostgreSQL of its own, which may be killed."""
    require_local_stack("kills PostgreSQL")
    with (
        postgresql_server() as server,
        run_stack(tmp_path, {**LENIENT_SETTINGS, "DATABASE_URL": server.url}) as stack,
    ):
        api = login_client(stack.url, *ADMIN)
        yield api, server
        api.close()


class TestDatabaseAway:
    """The database dies while a guest is on the telephone."""

    def test_call_record_is_written_after_database_recovers(
        self, postgresql_stack: tuple[ApiClient, PostgresqlServer], names: IdFactory
    ) -> None:
        """The call goes on; its end is not taken until it can be written, and then it is."""
        api, server = postgresql_stack
        call_id, phone = names.call(), names.phone()
        api.send_event(call_started(call_id, phone))
        server.kill()

        told = api.send_event(call_interaction(call_id, "greeting"))
        refused = api.post("/webhook/call-event", call_ended(call_id))
        ready = api.get("/readyz")
        others = [
            api.get(f"/gdpr/export/{phone}"),
            api.get("/auth/profile"),
            api.post("/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}),
        ]
        server.start()
        over = api.send_event(call_ended(call_id))

        assert (told["outcome"], refused.status_code, ready.status_code) == ("done", 503, 503)
        assert refused.json()["error"]["retryable"] is True
        assert "database" in ready.json()["error"]["message"]
        assert [answer.status_code for answer in others] == [503] * 3
        [record] = api.get(f"/gdpr/export/{phone}").json()["calls"]
        assert (over["state"], record["call_id"]) == ("ended", call_id)


class TestConcurrentCalls:
    """Many guests at a time."""

    @pytest.mark.slow
    async def test_hundreds_of_calls_at_once(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Each has its own room and record, and none waits for another."""
        call_ids = [names.call() for _ in range(200)]
        limits = httpx.Limits(max_connections=32)

        async with httpx.AsyncClient(
            base_url=operator.url, headers=operator.headers, timeout=60, limits=limits
        ) as http:
            outcomes = await asyncio.gather(*(_whole_call(http, call_id, guest) for call_id in call_ids))

        assert outcomes == [("active", "101", "ended")] * 200
        rooms = {json.loads(one["body"])["name"] for one in vendors.livekit.requests("CreateRoom")}
        assert rooms == {f"call-{call_id}" for call_id in call_ids}

    def test_wishes_of_one_call_at_once_are_all_kept(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory, guest: str
    ) -> None:
        """None is lost to another."""
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

        [record] = admin.get(f"/gdpr/export/{phone}").json()["calls"]
        assert len(record["interactions"]) == 20


class TestPrivacy:
    """Personal data goes where it must, and nowhere else."""

    @pytest.mark.critical
    def test_personal_data_of_an_event_never_comes_back(
        self, operator: ApiClient, names: IdFactory, call: str
    ) -> None:
        """Cards and addresses are redacted, whether said or sent along."""
        guest_data = {"email": MAIL, "card": {"number": CARD}, "note": f"passport C01X00T47, card {CARD}"}

        begun = operator.post("/webhook/call-event", call_started(names.call(), guest_data=guest_data)).text
        told = operator.send_event(
            call_interaction(call, "small_talk", f"My card is {CARD}, my address {MAIL}")
        )

        assert told["guest_input"] == "My card is [REDACTED], my address [REDACTED]"
        assert [word for word in (MAIL, CARD, "C01X00T47") if word in begun] == []
        assert begun.count("[REDACTED]") >= 3

    def test_nothing_personal_reaches_the_log_or_the_metrics(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory, service_log: Callable[[], str]
    ) -> None:
        """Whatever a guest says, in whatever field."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone, guest_data={"email": MAIL}))
        operator.send_event(call_interaction(call_id, "small_talk", f"{MAIL} {CARD}"))
        operator.post(
            "/webhook/call-event", call_interaction(call_id, "small_talk", CARD) | {"surprise": MAIL}
        )

        log = service_log()
        metrics = admin.get("/metrics").text

        assert '"route": "/webhook/call-event"' in log
        assert [word for word in (MAIL, CARD, phone, "Ada") if word in log or word in metrics] == []

    def test_a_persons_data_is_exported_and_erased(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """Found by number; afterwards there is nothing."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        operator.send_event(call_ended(call_id))
        admin.post("/gdpr/consent", {"subject": phone, "purpose": "recording", "granted": True})

        before = admin.get(f"/gdpr/export/{phone}").json()
        erased = admin.post("/gdpr/deletion-request", {"subject": phone}).json()
        after = admin.get(f"/gdpr/export/{phone}").json()

        assert [one["call_id"] for one in before["calls"]] == [call_id]
        assert [(one["purpose"], one["granted"]) for one in before["consents"]] == [("recording", True)]
        assert (erased["call_records"], erased["consents"]) == (1, 1)
        assert after == {"calls": [], "consents": []}

    def test_a_newer_consent_replaces_the_older(self, admin: ApiClient, names: IdFactory) -> None:
        """The last word counts."""
        phone = names.phone()
        for granted in (True, False):
            admin.post("/gdpr/consent", {"subject": phone, "purpose": "recording", "granted": granted})

        [kept] = admin.get(f"/gdpr/export/{phone}").json()["consents"]

        assert kept["granted"] is False

    def test_call_record_contains_pseudonym_only(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """A pseudonym stands for it."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        operator.send_event(call_ended(call_id))

        assert phone not in admin.get(f"/gdpr/export/{phone}").text


class TestMetrics:
    """What the service counts."""

    def test_a_call_is_counted(self, anonymous: ApiClient, operator: ApiClient, names: IdFactory) -> None:
        """Once when it ends, with its duration."""
        before = _metrics(anonymous)
        call_id = names.call()
        operator.send_event(call_started(call_id))
        operator.send_event(call_interaction(call_id, "greeting"))
        operator.send_event(call_ended(call_id, 60))

        after = _metrics(anonymous)

        grown = {
            name: after[name] - before.get(name, 0.0)
            for name in (
                'call_total{outcome="completed"}',
                "call_duration_seconds_sum",
                'call_interaction_total{outcome="done",type="greeting"}',
                "call_active",
            )
        }
        assert list(grown.values()) == [1.0, 60.0, 1.0, 0.0]

    @pytest.mark.parametrize(
        "name",
        [
            "http_requests_total",
            "http_request_duration_seconds_bucket",
            "call_total",
            "call_duration_seconds_bucket",
            "circuit_breaker_state",
            "vendor_requests_total",
        ],
    )
    def test_metrics_expose_required_series(
        self, anonymous: ApiClient, operator: ApiClient, names: IdFactory, name: str
    ) -> None:
        """By its name."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        operator.send_event(call_ended(call_id))

        assert any(line.startswith(name) for line in _metrics(anonymous))

    def test_no_label_is_what_a_caller_sent(self, anonymous: ApiClient) -> None:
        """An unknown route is one of many."""
        anonymous.get("/guests/ada-muster")

        assert "ada-muster" not in anonymous.get("/metrics").text


class TestErrors:
    """Errors have one form."""

    def test_error_contains_correlation_id(self, anonymous: ApiClient) -> None:
        """The correlation id of the request, in the body and in the header."""
        answer = anonymous.get("/nowhere", headers={"X-Correlation-ID": "asked-for-by-me"})

        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["retryable"]) == (404, "NOT_FOUND", False)
        assert error["correlation_id"] == answer.headers["X-Correlation-ID"] == "asked-for-by-me"

    def test_a_correlation_id_is_made_and_passed_on(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """To every call to a vendor."""
        answer = operator.post("/webhook/call-event", call_started(names.call(), reservation_id=guest))

        made = answer.headers["X-Correlation-ID"]
        assert len(made) > 10
        seen = {
            one["headers"].get("x-correlation-id")
            for vendor in vendors.all.values()
            for one in vendor.requests()
        }
        assert seen == {made}

    @pytest.mark.parametrize("sent", ["a b", "x" * 200, "<script>"])
    def test_an_unfit_correlation_id_is_replaced(self, anonymous: ApiClient, sent: str) -> None:
        """It would stand in logs."""
        kept = anonymous.get("/healthz", headers={"X-Correlation-ID": sent}).headers["X-Correlation-ID"]

        assert re.fullmatch(r"[0-9a-f-]{36}", kept)

    @pytest.mark.parametrize(("method", "path"), [("PUT", "/auth/login"), ("GET", "/webhook/call-event")])
    def test_another_method_is_refused(self, anonymous: ApiClient, method: str, path: str) -> None:
        """405, in the one form."""
        answer = anonymous.http.request(method, path)

        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")

    @pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b'"x"'])
    def test_a_body_that_is_no_event_is_refused(self, operator: ApiClient, body: bytes) -> None:
        """Without a trace."""
        answer = operator.http.post(
            "/webhook/call-event", content=body, headers={"Content-Type": "application/json"}
        )

        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")

    def test_a_body_that_is_too_long_is_refused(self, operator: ApiClient) -> None:
        """Before it is read whole."""
        answer = operator.http.post("/webhook/call-event", content=b"x" * (1024 * 1024 + 1))

        assert answer.status_code == 413


class TestSpeech:
    """Text to speech for whoever needs it."""

    @pytest.mark.parametrize(
        ("form", "media"),
        [("mp3", "audio/mpeg"), ("ulaw", "audio/basic"), ("pcm", "audio/pcm"), ("opus", "audio/opus")],
    )
    def test_a_text_is_spoken_in_each_format(
        self, operator: ApiClient, names: IdFactory, form: str, media: str
    ) -> None:
        """Audio of the type that was asked for."""
        answer = operator.post("/tts/synthesize", {"text": f"Room {names.call()}", "format": form})

        assert (answer.status_code, answer.headers["content-type"]) == (200, media)
        assert len(answer.content) > 300

    def test_the_audio_can_be_played(self, sample_audio: bytes) -> None:
        """A real decoder reads it: mono, in the rate that was asked for, as long as a sentence takes."""
        samples, rate = soundfile.read(io.BytesIO(sample_audio))

        assert (rate, samples.ndim) == (44_100, 1)
        assert 0.5 < len(samples) / rate < 10

    def test_audio_is_streamed_incrementally(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A piece of audio is passed on as soon as the vendor sends it: here one every tenth of a second."""
        vendors.tts.inject_fault("drip", "stream", seconds=0.1)
        wanted = {"text": f"Room {names.call()}. " * 5, "format": "ulaw"}
        with operator.http.stream("POST", "/tts/synthesize", json=wanted) as answer:
            arrivals = [time.monotonic() for _ in answer.iter_raw()]

        assert len(arrivals) > 3
        assert arrivals[-1] - arrivals[0] > 0.1 * (len(arrivals) - 2)

    def test_the_same_text_is_spoken_once(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The second time it comes from memory; another speed is another text."""
        wanted = {"text": f"Room {names.call()}"}

        first, second = (operator.post("/tts/synthesize", wanted).content for _ in range(2))
        operator.post("/tts/synthesize", wanted | {"speed": 0.9})

        assert first == second
        assert len(vendors.tts.requests("stream")) == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"text": ""}, "text"),
            ({"text": "   "}, "text"),
            ({"text": "x" * 5001}, "text"),
            ({"speed": 5}, "speed"),
            ({"format": "wma"}, "format"),
            ({"language": "German"}, "language"),
        ],
    )
    def test_what_cannot_be_spoken_is_named(
        self, operator: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """Before the vendor is asked."""
        answer = operator.post("/tts/synthesize", {"text": "Good day."} | change)

        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["error"]["details"]] == [field]

    @pytest.mark.parametrize("kind", ["reset", "status"])
    def test_without_the_vendor_there_is_no_speech(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, kind: str
    ) -> None:
        """503, and it may be tried again."""
        vendors.tts.inject_fault(kind)

        answer = operator.post("/tts/synthesize", {"text": f"Room {names.call()}"})

        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert answer.json()["error"]["retryable"] is True

    def test_an_unknown_voice_is_the_callers_mistake(self, operator: ApiClient, names: IdFactory) -> None:
        """422, not an outage."""
        answer = operator.post("/tts/synthesize", {"text": f"Room {names.call()}", "voice": "nobody"})

        assert answer.status_code == 422


async def _whole_call(http: httpx.AsyncClient, call_id: str, guest: str) -> tuple[str, str, str]:
    async def tell(event: dict[str, Any]) -> dict[str, Any]:
        answer = await http.post("/webhook/call-event", json=event)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    begun = await tell(call_started(call_id, reservation_id=guest))
    told = await tell(call_interaction(call_id, "guest_info_request"))
    over = await tell(call_ended(call_id))
    return begun["state"], told["result"]["room"], over["state"]


def _until_not_degraded(api: ApiClient, call_id: str) -> dict[str, Any]:
    """Ask for the stay until the PMS is used again, at most ten seconds."""
    waited = threading.Event()
    for second in range(100):
        told = api.send_event(call_interaction(call_id, "guest_info_request", second=second))
        if told["outcome"] != "degraded":
            return told
        waited.wait(0.1)
    raise AssertionError("the PMS was not used again")


def _metrics(api: ApiClient) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in api.get("/metrics").text.splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in lines}


def _livekit_event(vendors: StubClients, call_id: str) -> bytes:
    """The stub's own message that a room was finished, about the room of our call."""
    event = json.loads(vendors.livekit.message("a room was finished"))
    event["room"]["name"], event["id"] = f"call-{call_id}", f"EV_{call_id}"
    return json.dumps(event).encode()


def _deliver(stack: Stack, signed: bytes, body: bytes) -> httpx.Response:
    """Send a body with LiveKit's signature over some bytes."""
    digest = base64.b64encode(hashlib.sha256(signed).digest()).decode()
    now = int(time.time())
    claims = {"iss": API_KEY, "nbf": now, "exp": now + 300, "sha256": digest}
    headers = {
        "Authorization": jwt.encode(claims, API_SECRET, algorithm="HS256"),
        "Content-Type": "application/webhook+json",
    }
    return httpx.post(f"{stack.url}/v1/livekit/webhook", content=body, headers=headers, timeout=20)
