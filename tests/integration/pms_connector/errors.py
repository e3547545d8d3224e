"""Failures of Apaleo."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.scenarios import (
    add_guest,
    ask_for_stay,
    circuit_states,
    reservation_reads,
    start_unknown_calls,
)
from tests.integration.vendors import StubClients

RETRY_AFTER_SECONDS = 2


class TestErrorsAndFallback:
    """Apaleo fails in every way the stub can play."""

    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("status", {"status": 500}),
            ("status", {"status": 429, "retry_after": 3600}),
            ("status", {"status": 403}),
            ("truncate", {}),
            ("malformed", {}),
            ("reset", {}),
            ("drop", {"field": "/status"}),
            ("drop", {"field": "/balance/currency"}),
        ],
    )
    def test_broken_pms_response_becomes_a_warning(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, kind: str, options: dict[str, Any]
    ) -> None:
        """Never an error, and never a partial guest."""
        vendors.apaleo.inject_fault(kind, "getReservation", **options)

        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert (started["guest_found"], started["warnings"][0]["code"]) == (False, "PMS_UNAVAILABLE")
        assert vendors.apaleo.played_faults("getReservation") == {kind}

    @pytest.mark.parametrize(
        ("kind", "options"),
        [("status", {"status": 503}), ("reset", {}), ("status", {"status": 429, "retry_after": 0})],
    )
    def test_failed_read_is_retried(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, kind: str, options: dict[str, Any]
    ) -> None:
        """One failure followed by a success leaves no warning."""
        # A valid token is cached first, so that the fault meets the read.
        ask_for_stay(operator, names, add_guest(vendors, names))
        vendors.apaleo.inject_fault(kind, "getReservation", times=1, **options)

        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert (started["guest_found"], started["warnings"], reservation_reads(vendors)) == (True, [], 3)
        assert vendors.apaleo.played_faults("getReservation") == {kind}

    @pytest.mark.parametrize("status", [429, 503])
    def test_retry_after_of_the_pms_is_waited_for(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, status: int
    ) -> None:
        """The retry comes no earlier than the PMS asks for."""
        # A valid token is cached first, so that the fault meets the read.
        ask_for_stay(operator, names, add_guest(vendors, names))
        options = {"status": status, "retry_after": RETRY_AFTER_SECONDS, "times": 1}
        vendors.apaleo.inject_fault("status", "getReservation", **options)
        event = call_started(names.call(), reservation_id=add_guest(vendors, names))

        before = time.monotonic()
        started = operator.send_event(event)
        waited = time.monotonic() - before

        assert (started["guest_found"], started["warnings"], reservation_reads(vendors)) == (True, [], 3)
        assert waited >= RETRY_AFTER_SECONDS

    def test_retry_after_beyond_the_deadline_is_not_waited_for(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The read is given up at once instead of being retried earlier than the PMS asks for."""
        vendors.apaleo.inject_fault("status", "getReservation", status=429, retry_after=3600)

        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert [warning["code"] for warning in started["warnings"]] == ["PMS_UNAVAILABLE"]
        assert reservation_reads(vendors) == 1

    def test_booking_is_retried_with_the_same_idempotency_key(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo books once although its first response is lost."""
        vendors.apaleo.inject_fault("reset", "createBooking", times=1)
        call_id = names.call()
        operator.send_event(call_started(call_id))

        booking = operator.send_event(
            call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel")
        )
        availability = operator.send_event(
            call_interaction(call_id, "availability_request", second=20, **DATES)
        )

        requests = vendors.apaleo.requests("createBooking")
        assert len({request["headers"]["idempotency-key"] for request in requests}) == 1
        assert (len(requests), booking["outcome"]) == (2, "done")
        assert [request["fault"] for request in requests] == ["reset", None]
        assert availability["result"]["offers"][0]["available"] == 3

    def test_booking_of_a_service_is_not_retried(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo has no idempotency key for it, so a retry could book twice."""
        vendors.apaleo.inject_fault("status", "bookService", status=503)
        call_id = names.call()
        operator.send_event(call_started(call_id, reservation_id=add_guest(vendors, names)))

        response = operator.send_event(call_interaction(call_id, "late_checkout_request"))

        assert response["outcome"] == "degraded"
        assert len(vendors.apaleo.requests("bookService")) == 1

    def test_circuit_opens_for_the_failing_vendor_only(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo's circuit opens after three failed calls, the others stay closed."""
        vendors.apaleo.inject_fault("reset")
        start_unknown_calls(operator, names, 3)

        states = circuit_states(admin)

        assert vendors.apaleo.played_faults() == {"reset"}
        assert states == {"apaleo": "open", "tts": "closed", "livekit": "closed"}
