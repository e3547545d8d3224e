"""Intents of a guest during a call."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import ARRIVAL, DATES
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients


class TestIntents:
    """Each intent of a guest and its operation at the vendor."""

    def test_stay_details_are_returned(self, operator: ApiClient, call: str, guest: str) -> None:
        """The result holds the guest's name, the room, the dates and the balance."""
        response = operator.send_event(call_interaction(call, "guest_info_request", "When do I leave?"))

        assert response["result"] == {
            "reservation_id": guest,
            "guest_name": "Ada Muster",
            "room": "101",
            "status": "in_house",
            "arrival": "2027-05-01",
            "departure": "2027-05-03",
            "balance_due": "240.00 EUR",
        }

    @pytest.mark.parametrize(
        ("guest_input", "parameters"),
        [("Breakfast in my room, please", {}), ("The usual", {"service": "breakfast"})],
    )
    def test_room_service_is_booked(
        self,
        operator: ApiClient,
        vendors: StubClients,
        call: str,
        guest_input: str,
        parameters: dict[str, Any],
    ) -> None:
        """The service comes from the guest's words or from a parameter."""
        response = operator.send_event(
            call_interaction(call, "room_service_request", guest_input, **parameters)
        )

        [request] = vendors.apaleo.requests("bookService")
        assert (response["outcome"], request["status"]) == ("done", 204)
        assert json.loads(request["body"]) == {"serviceId": "MUC-BREAKFAST", "count": 1}

    def test_unclear_order_requests_the_service(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """An order that names no service books nothing."""
        response = operator.send_event(call_interaction(call, "room_service_request", "Something nice"))

        assert (response["outcome"], response["result"]) == ("input_required", {"missing": ["service"]})
        assert vendors.apaleo.requests("bookService") == []

    def test_unknown_service_is_refused_without_pms_request(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """A service that the hotel does not offer is refused before Apaleo is called."""
        response = operator.send_event(call_interaction(call, "room_service_request", service="helicopter"))

        assert (response["outcome"], response["result"]) == ("refused", {"reason": "unknown_service"})
        assert vendors.apaleo.requests("bookService") == []

    def test_late_checkout_is_booked_as_a_service(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """A late check-out is the booking of the hotel's late check-out service."""
        operator.send_event(call_interaction(call, "late_checkout_request"))

        [body] = vendors.apaleo.bodies("bookService")
        assert body["serviceId"] == "MUC-LATE_CHECKOUT"

    def test_availability_returns_offer_with_price(self, operator: ApiClient, call: str) -> None:
        """The offer holds the price, the dates and the number of available units."""
        response = operator.send_event(call_interaction(call, "availability_request", **DATES, adults=2))

        [offer] = response["result"]["offers"]
        assert (offer["price"], offer["arrival"], offer["available"]) == ("240.00 EUR", DATES["arrival"], 4)

    def test_availability_of_a_full_hotel_is_sold_out(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """Without units to sell the reason is `sold_out`."""
        vendors.apaleo.set_provider_state("units to sell", available=0)

        response = operator.send_event(call_interaction(call, "availability_request", **DATES))

        assert (response["outcome"], response["result"]) == ("refused", {"reason": "sold_out"})

    @pytest.mark.parametrize(
        ("interaction_type", "missing"),
        [
            ("availability_request", ["arrival", "departure"]),
            ("booking_request", ["arrival", "departure"]),
            ("change_request", ["arrival", "departure"]),
            ("cancellation_request", ["confirmed"]),
        ],
    )
    def test_missing_parameters_are_requested(
        self, operator: ApiClient, call: str, interaction_type: str, missing: list[str]
    ) -> None:
        """The result names the parameters that the agent has to ask for."""
        response = operator.send_event(call_interaction(call, interaction_type))

        assert (response["outcome"], response["result"]["missing"]) == ("input_required", missing)

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
        """The error names the field, and no request reaches the PMS."""
        vendors.apaleo.reset()

        response = operator.post_event(call_interaction(call, "availability_request", **parameters))

        assert response.status_code == 422
        assert [detail["field"] for detail in response.json()["error"]["details"]] == [field]
        assert vendors.apaleo.requests() == []

    def test_redelivered_booking_creates_one_booking(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """The same event delivered twice returns the same reservation id."""
        event = call_interaction(call, "booking_request", **DATES, last_name="Beispiel", adults=2)

        first, second = operator.send_event(event), operator.send_event(event)

        assert first == second
        assert re.fullmatch(r"BOOK\d{4}-1", first["result"]["reservation_id"])
        assert len(vendors.apaleo.requests("createBooking")) == 1

    def test_change_request_moves_the_stay(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The reservation has the requested dates afterwards."""
        reservation_id, call_id = names.reservation(), names.call()
        vendors.apaleo.set_provider_state("a reservation", id=reservation_id)
        operator.send_event(call_started(call_id, reservation_id=reservation_id))

        moved = operator.send_event(call_interaction(call_id, "change_request", **DATES))
        stay = operator.send_event(call_interaction(call_id, "guest_info_request", second=20))["result"]

        assert moved["outcome"] == "done"
        assert (stay["arrival"], stay["departure"]) == (DATES["arrival"], DATES["departure"])

    def test_guest_in_the_house_stays_longer_by_naming_the_departure(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The arrival, which is in the past, stays as it is."""
        reservation_id, call_id = names.reservation(), names.call()
        vendors.apaleo.set_provider_state("a reservation", id=reservation_id, status="InHouse", ahead=-2)
        operator.send_event(call_started(call_id, reservation_id=reservation_id))
        before = operator.send_event(call_interaction(call_id, "guest_info_request"))["result"]

        departure = str(date.fromisoformat(before["departure"]) + timedelta(days=3))
        moved = operator.send_event(
            call_interaction(call_id, "change_request", second=20, departure=departure)
        )

        assert (moved["outcome"], moved["result"]["arrival"]) == ("done", before["arrival"])
        [amended] = vendors.apaleo.requests("amend")
        assert amended["status"] == 204
        assert json.loads(amended["body"])["departure"][:10] == departure

    def test_cancellation_after_check_in_is_refused(self, operator: ApiClient, call: str) -> None:
        """The PMS rejects the cancellation of a stay that has started."""
        response = operator.send_event(call_interaction(call, "cancellation_request", confirmed=True))

        assert (response["outcome"], response["result"]) == ("refused", {"reason": "stay_has_begun"})

    def test_transfer_without_sip_caller_is_refused(self, operator: ApiClient, call: str) -> None:
        """A transfer needs a SIP participant in the room."""
        response = operator.send_event(call_interaction(call, "transfer_request"))

        assert (response["outcome"], response["result"]) == (
            "refused",
            {"reason": "nobody_on_the_line"},
        )
