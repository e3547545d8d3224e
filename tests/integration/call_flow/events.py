"""Order, repetition and validation of call events, and the format of errors."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.scenarios import exported_calls
from tests.integration.vendors import StubClients


class TestEventsInAnyOrder:
    """Events that arrive late, twice or in the wrong order."""

    def test_redelivered_event_has_no_second_effect(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """The response is the same, however its time is written; one room is created and one reservation read."""
        event = call_started(names.call(), reservation_id=guest)
        times = [event["timestamp"], "2027-05-01T08:00:00Z", "2027-05-01T10:00:00.000+02:00"]

        responses = [operator.send_event(event | {"timestamp": time}) for time in times]

        assert responses == [responses[0]] * 3
        assert len(vendors.livekit.requests("CreateRoom")) == 1
        assert len(vendors.apaleo.requests("getReservation")) == 1

    def test_redelivery_by_another_principal_gets_the_same_response(
        self,
        operator: ApiClient,
        api_key_client: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        guest: str,
    ) -> None:
        """Several instances of the telephone system each have their own API key."""
        event = call_started(names.call(), reservation_id=guest)

        assert operator.send_event(event) == api_key_client.send_event(event)
        assert len(vendors.livekit.requests("CreateRoom")) == 1

    def test_concurrent_deliveries_have_one_effect(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """Later deliveries wait for the response of the first."""
        event = call_interaction(call, "late_checkout_request")

        with ThreadPoolExecutor(8) as pool:
            responses = list(pool.map(operator.send_event, [event] * 8))

        assert responses == [responses[0]] * 8
        assert len(vendors.apaleo.requests("bookService")) == 1

    @pytest.mark.parametrize("event", [call_interaction("late-1", "greeting"), call_ended("late-1")])
    def test_event_for_unknown_call_is_retryable_404(
        self, operator: ApiClient, event: dict[str, Any]
    ) -> None:
        """The event may overtake its `call.started`, so the sender is asked to retry."""
        response = operator.post_event(event)

        assert (response.status_code, response.json()["error"]["retryable"]) == (404, True)

    def test_ended_call_accepts_no_further_events(self, operator: ApiClient, names: IdFactory) -> None:
        """Neither an interaction nor another start: 409."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        operator.send_event(call_ended(call_id))

        late = operator.post_event(call_interaction(call_id, "greeting"))
        restarted = operator.post_event(call_started(call_id, "+4930999999"))

        assert [late.status_code, restarted.status_code] == [409, 409]

    def test_second_end_keeps_the_first_record(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory
    ) -> None:
        """The call record keeps the duration of the first `call.ended`."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        operator.send_event(call_ended(call_id, 10))

        second_end = operator.send_event(call_ended(call_id, 99))

        assert second_end["state"] == "ended"
        [record] = exported_calls(admin, phone)
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
    def test_invalid_event_returns_422_with_field(
        self, operator: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """The error details name the invalid field."""
        response = operator.post_event(call_started("wrong-1") | change)

        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (422, "VALIDATION_ERROR")
        assert any(field in f"{detail['field']} {detail['problem']}" for detail in error["details"])

    @pytest.mark.parametrize("name", ["call_id", "from_number", "to_number", "timestamp", "metadata"])
    def test_missing_field_is_named_in_the_error(self, operator: ApiClient, name: str) -> None:
        """The error details name the missing field."""
        event = call_started("wrong-2")
        del event[name]

        response = operator.post_event(event)

        details = response.json()["error"]["details"]
        assert [detail["field"].rpartition(".")[2] for detail in details] == [name]


class TestErrors:
    """All errors have one format."""

    def test_error_contains_correlation_id(self, anonymous: ApiClient) -> None:
        """The correlation id of the request is in the error body and the response header."""
        response = anonymous.get("/nowhere", headers={"X-Correlation-ID": "chosen-by-the-client"})

        error = response.json()["error"]
        assert (response.status_code, error["code"], error["retryable"]) == (404, "NOT_FOUND", False)
        assert error["correlation_id"] == response.headers["X-Correlation-ID"] == "chosen-by-the-client"

    def test_generated_correlation_id_is_sent_to_vendors(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, guest: str
    ) -> None:
        """Every vendor request of an event carries the id of its response."""
        response = operator.post_event(call_started(names.call(), reservation_id=guest))

        correlation_id = response.headers["X-Correlation-ID"]
        assert len(correlation_id) > 10
        sent_ids = {
            request["headers"].get("x-correlation-id")
            for vendor in vendors.all.values()
            for request in vendor.requests()
        }
        assert sent_ids == {correlation_id}

    @pytest.mark.parametrize("sent", ["a b", "x" * 200, "<script>"])
    def test_invalid_correlation_id_is_replaced(self, anonymous: ApiClient, sent: str) -> None:
        """The id reaches logs, so it is restricted in characters and length."""
        response = anonymous.get("/healthz", headers={"X-Correlation-ID": sent})

        assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["X-Correlation-ID"])

    def test_null_body_returns_422(self, operator: ApiClient) -> None:
        """The body of an event is required."""
        headers = {"Content-Type": "application/json"}
        response = operator.http.post("/webhook/call-event", content=b"null", headers=headers)

        assert (response.status_code, response.json()["error"]["code"]) == (422, "VALIDATION_ERROR")

    def test_oversized_body_returns_413(self, operator: ApiClient) -> None:
        """The limit is 1 MiB."""
        response = operator.http.post("/webhook/call-event", content=b"x" * (1024 * 1024 + 1))

        assert response.status_code == 413
