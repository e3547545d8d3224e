"""The cache of PMS reads and Apaleo's webhooks that invalidate it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from local_stack.stack import WEBHOOK_SECRET, Stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, ask_for_stay, reservation_reads
from tests.integration.vendors import StubClients
from tests.integration.webhooks import deliver_apaleo, deliver_apaleo_event


class TestCache:
    """Reads from Apaleo are cached and invalidated."""

    def test_repeated_reads_are_served_from_cache(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Three calls about one reservation read it once."""
        reservation = add_guest(vendors, names)

        for _ in range(3):
            ask_for_stay(operator, names, reservation)

        assert reservation_reads(vendors) == 1

    def test_concurrent_reads_are_coalesced(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The other calls wait for the response of the first request."""
        reservation = add_guest(vendors, names)
        vendors.apaleo.inject_fault("delay", "getReservation", seconds=0.3, times=1)
        events = [call_started(names.call(), reservation_id=reservation) for _ in range(10)]

        with ThreadPoolExecutor(10) as pool:
            guests_found = [response["guest_found"] for response in pool.map(operator.send_event, events)]

        assert (guests_found, reservation_reads(vendors)) == ([True] * 10, 1)

    @pytest.mark.parametrize(
        "description",
        [
            "a reservation was created",
            "a reservation was amended",
            "a reservation was canceled",
            "a guest was checked in",
            "a guest was checked out",
            "a reservation was set to no-show",
            "a unit was assigned to a reservation",
        ],
    )
    def test_apaleo_webhook_invalidates_the_cache(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory, description: str
    ) -> None:
        """A reservation that changed at Apaleo is read again."""
        reservation = add_guest(vendors, names)
        ask_for_stay(operator, names, reservation)

        response = deliver_apaleo_event(stack, vendors, description, reservation)
        ask_for_stay(operator, names, reservation)

        assert (response.status_code, reservation_reads(vendors)) == (200, 2)

    def test_booking_webhook_invalidates_its_reservations(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo's booking events name no reservation."""
        reservation = add_guest(vendors, names)
        ask_for_stay(operator, names, reservation)

        deliver_apaleo_event(stack, vendors, "a booking was changed", reservation.rpartition("-")[0])
        ask_for_stay(operator, names, reservation)

        assert reservation_reads(vendors) == 2

    @pytest.mark.parametrize("secret", ["", "wrong", WEBHOOK_SECRET.upper()])
    def test_apaleo_webhook_without_the_secret_is_rejected(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory, secret: str
    ) -> None:
        """The cache keeps the reservation."""
        reservation = add_guest(vendors, names)
        ask_for_stay(operator, names, reservation)

        response = deliver_apaleo_event(stack, vendors, "a reservation was amended", reservation, secret)
        ask_for_stay(operator, names, reservation)

        assert (response.status_code, reservation_reads(vendors)) == (401, 1)

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"id": 1}', b"[]", b"\xff"])
    def test_malformed_apaleo_webhook_returns_422(self, stack: Stack, body: bytes) -> None:
        """The response has the common error format."""
        response = deliver_apaleo(stack, body)

        assert (response.status_code, response.json()["error"]["code"]) == (422, "VALIDATION_ERROR")

    def test_apaleo_health_check_webhook_is_accepted(self, stack: Stack, vendors: StubClients) -> None:
        """Apaleo sends it before it creates a subscription."""
        body = vendors.apaleo.message("Apaleo asks whether the endpoint answers")

        response = deliver_apaleo(stack, body)

        assert response.status_code == 200

    def test_own_change_invalidates_the_cache(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A booked service changes the balance of the stay; before it is booked, its number is read past the cache."""
        reservation, call_id = add_guest(vendors, names), names.call()
        operator.send_event(call_started(call_id, reservation_id=reservation))
        operator.send_event(call_interaction(call_id, "late_checkout_request", second=1))

        operator.send_event(call_interaction(call_id, "guest_info_request", second=2))

        assert reservation_reads(vendors) == 3

    def test_not_found_is_not_cached(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The reservation may be created a moment later."""
        reservation = names.reservation()
        before = ask_for_stay(operator, names, reservation)["outcome"]
        vendors.apaleo.set_provider_state("a reservation", id=reservation)

        after = ask_for_stay(operator, names, reservation)["outcome"]

        assert (before, after) == ("refused", "done")
