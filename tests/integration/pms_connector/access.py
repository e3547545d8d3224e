"""Apaleo refuses the service itself: an outage, a limit, a wrong secret or a missing permission."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, ask_for_stay
from tests.integration.vendors import StubClients

PMS_UNAVAILABLE = ["PMS_UNAVAILABLE"]


def warnings_of(response: dict[str, Any]) -> list[str]:
    """Return the codes of the warnings."""
    return [warning["code"] for warning in response["warnings"]]


class TestAccess:
    """What concerns the whole hotel is never told to a guest as the refusal of a request."""

    @pytest.mark.parametrize(
        ("state", "params", "status"),
        [
            ("Apaleo is down", {"status": 503}, 503),
            ("Apaleo is down", {"status": 500}, 500),
            ("the rate limit reached", {"retry_after": 3}, 429),
        ],
    )
    def test_outage_becomes_a_warning(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        state: str,
        params: dict[str, Any],
        status: int,
    ) -> None:
        """The call starts without the guest's name."""
        # a valid token is cached first, so that the outage meets the read
        ask_for_stay(operator, names, add_guest(vendors, names))
        vendors.apaleo.forget_requests()
        vendors.apaleo.set_provider_state(state, **params)

        started = operator.send_event(call_started(names.call(), reservation_id=add_guest(vendors, names)))

        assert (started["guest_found"], warnings_of(started)) == (False, PMS_UNAVAILABLE)
        assert {request["status"] for request in vendors.apaleo.requests("getReservation")} == {status}

    @pytest.mark.parametrize(
        ("state", "params", "status"),
        [
            ("the identity server is down", {"status": 503}, 503),
            ("a client", {"secret": "another one"}, 400),
        ],
    )
    def test_missing_token_becomes_a_warning(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        state: str,
        params: dict[str, Any],
        status: int,
    ) -> None:
        """A wrong secret, which the identity server rejects with 400, is no rejection of what the guest asks for."""
        vendors.apaleo.reset()
        vendors.apaleo.set_provider_state(state, **params)
        call_id = names.call()
        operator.send_event(call_started(call_id, reservation_id=add_guest(vendors, names)))

        response = operator.send_event(call_interaction(call_id, "guest_info_request"))

        assert (response["outcome"], warnings_of(response)) == ("degraded", PMS_UNAVAILABLE)
        assert {request["status"] for request in vendors.apaleo.requests("token")} == {status}

    @pytest.mark.parametrize(
        ("scopes", "interaction_type", "parameters", "operation"),
        [
            (["offers.read"], "guest_info_request", {}, "getReservation"),
            (
                ["offers.read", "reservations.read"],
                "booking_request",
                {**DATES, "last_name": "Beispiel"},
                "createBooking",
            ),
            (["reservations.read"], "check_in_request", {"confirmed": True}, "checkIn"),
        ],
    )
    def test_missing_permission_becomes_a_warning(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        scopes: list[str],
        interaction_type: str,
        parameters: dict[str, Any],
        operation: str,
    ) -> None:
        """Apaleo's administrator has to give it to the service, and a colleague helps the guest."""
        vendors.apaleo.reset()
        vendors.apaleo.set_provider_state("a client", scopes=scopes)
        call_id = names.call()
        reservation_id = add_guest(vendors, names, status="Confirmed", ahead=0)
        operator.send_event(call_started(call_id, reservation_id=reservation_id))

        response = operator.send_event(call_interaction(call_id, interaction_type, **parameters))

        assert (response["outcome"], warnings_of(response)) == ("degraded", PMS_UNAVAILABLE)
        assert {request["status"] for request in vendors.apaleo.requests(operation)} == {403}

    def test_booking_that_is_repeated_after_the_last_room_was_sold_is_refused(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The outcome of the first attempt was unknown, so the same request is sent again, without another offer."""
        vendors.apaleo.reset()
        vendors.apaleo.set_provider_state("a client", scopes=["offers.read", "reservations.read"])
        call_id, booking = names.call(), {**DATES, "last_name": "Beispiel"}
        operator.send_event(call_started(call_id))
        first = operator.send_event(call_interaction(call_id, "booking_request", **booking))
        attempts = vendors.apaleo.requests("createBooking")
        vendors.apaleo.reset()
        vendors.apaleo.set_provider_state("units to sell", available=0)

        second = operator.send_event(call_interaction(call_id, "booking_request", second=20, **booking))

        attempts += vendors.apaleo.requests("createBooking")
        assert (first["outcome"], second["outcome"]) == ("degraded", "refused")
        assert [request["status"] for request in attempts] == [403, 422]
        assert len({request["headers"]["idempotency-key"] for request in attempts}) == 1
        assert vendors.apaleo.requests("listOffers") == []
