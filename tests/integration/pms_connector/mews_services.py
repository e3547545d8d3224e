"""Services ordered at Mews."""

from __future__ import annotations

import pytest

from tests.integration.api import ApiClient
from tests.integration.ids import IdFactory
from tests.integration.pms_connector.mews_calls import MewsCall, add_stay
from tests.integration.vendors import StubClients

At = tuple[ApiClient, StubClients]


class MewsServices:
    """Room service and late check-out."""

    def test_ordered_service_is_charged_to_the_guest_of_the_stay(self, at_mews: At, names: IdFactory) -> None:
        """The order is linked to the reservation, without which Mews guesses one."""
        api, vendors = at_mews
        reservation_id = add_stay(vendors, state="Started")
        call = MewsCall(api, names, reservation_id)

        outcomes = [
            call.ask("room_service_request", service="breakfast")["outcome"],
            call.ask("late_checkout_request")["outcome"],
        ]

        [breakfast, late_checkout] = vendors.mews.bodies("addOrder")
        assert outcomes == ["done", "done"]
        assert breakfast["LinkedReservationId"] == late_checkout["LinkedReservationId"] == reservation_id
        assert breakfast["ProductOrders"] != late_checkout["ProductOrders"]
        assert {body["AccountId"] for body in (breakfast, late_checkout)} == {
            "5f0a1c2e-0000-4000-8000-000000000002"
        }

    def test_order_without_response_is_not_repeated(self, at_mews: At, names: IdFactory) -> None:
        """The orders of the guest are counted before and after, among them one from yesterday."""
        api, vendors = at_mews
        reservation_id = add_stay(vendors, state="Started")
        vendors.mews.set_provider_state("a breakfast that a guest ordered")
        vendors.mews.inject_fault("reset", "addOrder", times=1)
        call = MewsCall(api, names, reservation_id)

        outcomes = [call.ask("room_service_request", service="breakfast")["outcome"] for _ in range(2)]

        assert outcomes == ["degraded", "done"]
        assert len(vendors.mews.requests("addOrder")) == 1

    def test_order_that_did_not_arrive_is_repeated(self, at_mews: At, names: IdFactory) -> None:
        """The number of orders is what it was before."""
        api, vendors = at_mews
        reservation_id = add_stay(vendors, state="Started")
        vendors.mews.set_provider_state("a breakfast that a guest ordered")
        vendors.mews.inject_fault("status", "addOrder", status=429, retry_after=3600, times=1)
        call = MewsCall(api, names, reservation_id)

        outcomes = [call.ask("room_service_request", service="breakfast")["outcome"] for _ in range(2)]

        assert outcomes == ["degraded", "done"]
        assert [
            request["status"] for request in vendors.mews.journal() if request["operation"] == "addOrder"
        ] == [
            429,
            200,
        ]

    @pytest.mark.parametrize("service", ["sauna", "spa"])
    def test_service_that_mews_does_not_know_is_refused(
        self, at_mews: At, names: IdFactory, service: str
    ) -> None:
        """A product that does not exist gets 400; an id of another PMS is not sent."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Started"))

        response = call.ask("room_service_request", service=service)

        assert (response["outcome"], response["warnings"]) == ("refused", [])
        assert len(vendors.mews.bodies("addOrder")) == (service == "sauna")

    def test_service_after_the_departure_is_refused_without_an_order(
        self, at_mews: At, names: IdFactory
    ) -> None:
        """Mews would charge the guest's profile all the same."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Processed"))

        response = call.ask("room_service_request", service="breakfast")

        assert (response["outcome"], vendors.mews.bodies("addOrder")) == ("refused", [])
