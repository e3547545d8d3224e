"""What existing clients of the service send and expect."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from local_stack.stack import Stack, run_stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.controlled_stack import control_stack
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClients

EVENT_PATH = "/webhook/call-event"
SECRET_NOTE = "a note that nobody stores"
STAY = {"arrival": "2027-06-10", "departure": "2027-06-12"}


SLOW_SECONDS = 60.0
"""The longest delay that a stub plays; the deadline in the tests is a second."""


def add_reservation(vendors: StubClients, names: IdFactory) -> str:
    """Add the reservation of a guest in house."""
    reservation_id = names.reservation()
    vendors.apaleo.set_provider_state("a reservation", id=reservation_id, status="InHouse", unit="MUC-101")
    return reservation_id


@pytest.fixture
def reservation(vendors: StubClients, names: IdFactory) -> str:
    """The reservation of a guest in house."""
    return add_reservation(vendors, names)


@pytest.fixture(scope="module")
def hurried_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service with a short deadline for the PMS only."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("hurried"), LENIENT_SETTINGS | {"PMS_DEADLINE": "1"}) as stack:
        yield stack


@pytest.fixture
def hurried(
    hurried_stack: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """A client of that service, and its reset stubs."""
    with control_stack(hurried_stack, control, request.config) as clients:
        yield clients


def post_raw(operator: ApiClient, event: dict[str, Any], old: str, new: str) -> tuple[int, list[str]]:
    """Send an event after replacing a piece of its JSON text; return the status and the names of invalid fields."""
    content = operator.http.build_request("POST", EVENT_PATH, json=event).content.decode().replace(old, new)
    response = operator.http.post(
        EVENT_PATH, content=content.encode(), headers={"Content-Type": "application/json"}
    )
    details = response.json().get("error", {}).get("details", [])
    return response.status_code, [detail["field"] for detail in details]


class TestEvents:
    """Forms of events that are accepted."""

    def test_timestamp_without_offset_is_read_as_utc(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """The record has the time in UTC."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone) | {"timestamp": "2026-11-25T21:08:49.87"})
        operator.send_event(call_ended(call_id))

        [record] = admin.get_json(f"/gdpr/export/{phone}")["calls"]

        assert record["started_at"].startswith("2026-11-25T21:08:49.87")

    def test_further_metadata_is_ignored_and_never_returned_or_logged(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory, service_log: Callable[[], str]
    ) -> None:
        """Keys such as `priority` and `large_data` are accepted."""
        call_id, phone = names.call(), names.phone()
        event = call_started(call_id, phone, priority="high", large_data=[SECRET_NOTE] * 1000)

        response = operator.post(EVENT_PATH, event)
        operator.send_event(call_ended(call_id))

        assert response.status_code == 200, response.text
        stored = admin.get(f"/gdpr/export/{phone}").text
        assert [SECRET_NOTE in text for text in (response.text, stored, service_log())] == [False] * 3
        assert "priority" not in response.json()["metadata"]

    def test_metadata_is_limited_in_size(self, operator: ApiClient, names: IdFactory) -> None:
        """422 names the metadata."""
        event = call_started(names.call(), large_data="x" * 300_000)

        response = operator.post(EVENT_PATH, event)

        assert response.status_code == 422
        assert [detail["field"] for detail in response.json()["error"]["details"]] == ["metadata"]

    @pytest.mark.parametrize(
        ("pms_type", "codes"),
        [("apaleo", []), ("opera", ["PMS_TYPE_NOT_SERVED"]), (7, ["PMS_TYPE_NOT_SERVED"])],
    )
    def test_pms_type_that_is_not_served_is_a_warning(
        self, operator: ApiClient, names: IdFactory, reservation: str, pms_type: Any, codes: list[str]
    ) -> None:
        """The call uses the PMS of the deployment."""
        response = operator.send_event(
            call_started(names.call(), reservation_id=reservation, pms_type=pms_type)
        )

        assert response["guest_found"] is True
        assert [warning["code"] for warning in response["warnings"]] == codes

    def test_called_number_need_not_be_valid(self, operator: ApiClient, names: IdFactory) -> None:
        """The service does not dial it; the caller's number identifies the guest and stays strict."""
        event = call_started(names.call())

        accepted = operator.post(EVENT_PATH, event | {"to_number": "+0987654321"})
        rejected = operator.post(EVENT_PATH, event | {"from_number": "+0987654321"})

        assert (accepted.status_code, rejected.status_code) == (200, 422)

    def test_start_returns_what_the_guest_may_ask_for(
        self, operator: ApiClient, names: IdFactory, reservation: str
    ) -> None:
        """`reservation_data` is the result of a guest_info_request; without a reservation it is null."""
        call_id = names.call()
        start = operator.send_event(call_started(call_id, reservation_id=reservation))
        details = operator.send_event(call_interaction(call_id, "guest_info_request"))
        unknown = operator.send_event(call_started(names.call(), names.phone()))

        assert start["reservation_data"] == details["result"]
        assert start["reservation_data"]["guest_name"] == "Ada Muster"
        assert unknown["reservation_data"] is None


class TestSlowPms:
    """A guest on the phone waits for `PMS_DEADLINE` only; its default is tested with the settings."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("operation", "identified_by"),
        [("getReservation", "id"), ("listReservations", "phone"), ("*", "id")],
    )
    def test_start_with_slow_pms_does_not_wait_for_it(
        self, hurried: tuple[ApiClient, StubClients], names: IdFactory, operation: str, identified_by: str
    ) -> None:  # fmt: skip
        """The call continues with a warning."""
        api, vendors = hurried
        reservation = add_reservation(vendors, names)
        vendors.apaleo.inject_fault("delay", operation, seconds=SLOW_SECONDS)
        metadata = {"reservation_id": reservation} if identified_by == "id" else {}
        before = time.monotonic()

        response = api.send_event(call_started(names.call(), names.phone(), **metadata))

        assert time.monotonic() - before < SLOW_SECONDS / 2
        assert [warning["code"] for warning in response["warnings"]] == ["PMS_UNAVAILABLE"]

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("kind", "operation", "parameters"),
        [
            ("availability_request", "offers", STAY),
            ("late_checkout_request", "bookService", {}),
        ],
    )
    def test_interaction_with_slow_pms_does_not_wait_for_it(
        self, hurried: tuple[ApiClient, StubClients], names: IdFactory, kind: str, operation: str, parameters: dict[str, Any]
    ) -> None:  # fmt: skip
        """The limit applies to reads and to writes."""
        api, vendors = hurried
        reservation = add_reservation(vendors, names)
        call_id = names.call()
        api.send_event(call_started(call_id, reservation_id=reservation))
        vendors.apaleo.inject_fault(
            "delay", "*" if operation == "offers" else operation, seconds=SLOW_SECONDS
        )
        before = time.monotonic()

        response = api.send_event(call_interaction(call_id, kind, **parameters))

        assert time.monotonic() - before < SLOW_SECONDS / 2
        assert (response["outcome"], len(response["warnings"])) == ("degraded", 1)


class TestSpeechRequests:
    """Languages and voices of existing clients."""

    @pytest.mark.parametrize("language", ["en-US", "EN", "de-AT"])
    def test_language_tag_uses_primary_language(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, language: str
    ) -> None:
        """BCP 47; the vendor gets ISO 639-1."""
        response = operator.post("/tts/synthesize", {"text": f"Room {names.call()}", "language": language})

        assert response.status_code == 200, response.text
        [request] = vendors.tts.requests("stream")
        assert f'"language_code":"{language[:2].lower()}"' in request["body"].replace(" ", "")

    @pytest.mark.parametrize(
        ("voice", "voice_id"), [("female", "concierge"), ("male", "concierge"), ("porter", "porter")]
    )
    def test_voice_is_a_kind_or_an_id(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, voice: str, voice_id: str
    ) -> None:
        """A kind for which no voice is configured is the language's own voice."""
        response = operator.post("/tts/synthesize", {"text": f"Room {names.call()}", "voice": voice})

        assert response.status_code == 200, response.text
        [request] = vendors.tts.requests("stream")
        assert f"/text-to-speech/{voice_id}/" in request["path"]


class TestTextThatCannotBeStored:
    """Lone surrogates, NUL and deep nesting are rejected at the start."""

    @pytest.mark.parametrize("text", ["\\ud83d", "a\\u0000b", "\\udc00x"])
    @pytest.mark.parametrize(
        ("event", "field"),
        [
            (call_started("{id}", guest_data={"note": "TEXT"}), "metadata.guest_data"),
            (call_started("{id}", guest_data={"TEXT": {"note": 1}}), "metadata.guest_data"),
            (call_started("{id}", room_number="TEXT"), "metadata.room_number"),
            (call_started("{id}") | {"to_number": "TEXT"}, "to_number"),
            (call_started("{id}") | {"event": "TEXT"}, "event"),
            (call_interaction("{id}", "small_talk", "TEXT"), "guest_input"),
            (call_interaction("{id}", "booking_request", last_name="TEXT"), "parameters.last_name"),
        ],
    )
    def test_text_that_cannot_be_stored_is_422(
        self, operator: ApiClient, names: IdFactory, event: dict[str, Any], field: str, text: str
    ) -> None:
        """The field is named, and nothing is stored: the call with this id does not exist."""
        call_id = names.call()

        status, fields = post_raw(operator, event | {"call_id": call_id}, "TEXT", text)

        assert (status, fields) == (422, [field])
        assert operator.post(EVENT_PATH, call_interaction(call_id, "greeting")).status_code == 404

    def test_deeply_nested_guest_data_is_422(self, operator: ApiClient, names: IdFactory) -> None:
        """Guest data of 300 levels is rejected."""
        event = call_started(names.call(), guest_data={"more": "NESTED"})

        status, fields = post_raw(operator, event, '"NESTED"', '{"more":' * 300 + "1" + "}" * 300)

        assert (status, fields) == (422, ["metadata.guest_data"])

    @pytest.mark.parametrize("timestamp", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
    def test_time_outside_of_the_calendar_is_422(
        self, operator: ApiClient, names: IdFactory, timestamp: str
    ) -> None:
        """The time is rejected at the start, not when the record is written."""
        response = operator.post(EVENT_PATH, call_started(names.call()) | {"timestamp": timestamp})

        assert response.status_code == 422
        assert "timestamp" in response.json()["error"]["details"][0]["field"]
