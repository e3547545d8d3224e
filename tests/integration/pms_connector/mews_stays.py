"""Rooms, check-in, check-out and balance at Mews."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.ids import IdFactory
from tests.integration.pms_connector.mews_calls import MewsCall, add_stay
from tests.integration.vendors import StubClients

At = tuple[ApiClient, StubClients]
TODAY = date.today()  # noqa: DTZ011 - a day more or less makes no difference in these stays
ARRIVED = {"arrival": str(TODAY - timedelta(days=2)), "departure": str(TODAY + timedelta(days=3))}
LEAVING = {"arrival": str(TODAY - timedelta(days=5)), "departure": str(TODAY - timedelta(days=1))}
BREAKFAST = "a breakfast that a guest ordered"


class MewsStays:
    """The stay from the room to the departure."""

    def test_check_in_assigns_a_free_room_of_the_booked_type(self, at_mews: At, names: IdFactory) -> None:
        """Room 101 is taken by another guest; a suite would be of another type."""
        api, vendors = at_mews
        add_stay(vendors, state="Started", **ARRIVED)
        call = MewsCall(api, names, add_stay(vendors, room=None, **ARRIVED))

        question = call.ask("check_in_request")
        response = call.ask("check_in_request", confirmed=True)

        assert (question["outcome"], response["outcome"]) == ("input_required", "done")
        assert response["result"]["room"] == "102"
        assert call.ask("guest_info_request")["result"]["status"] == "in_house"

    def test_check_in_before_the_day_of_arrival_is_not_sent(self, at_mews: At, names: IdFactory) -> None:
        """The reason follows from the dates: Mews's message is for the staff."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors))

        response = call.ask("check_in_request", confirmed=True)

        assert (response["result"], vendors.mews.bodies("startReservation")) == (
            {"reason": "before_arrival"},
            [],
        )

    def test_check_in_while_another_guest_is_in_the_room_is_refused(
        self, at_mews: At, names: IdFactory
    ) -> None:
        """Mews responds with 403."""
        api, vendors = at_mews
        add_stay(vendors, state="Started", **ARRIVED)
        call = MewsCall(api, names, add_stay(vendors, **ARRIVED))

        response = call.ask("check_in_request", confirmed=True)

        assert (response["outcome"], response["warnings"]) == ("refused", [])
        assert [request["status"] for request in vendors.mews.requests("startReservation")] == [403]

    @pytest.mark.parametrize(
        ("room", "result"),
        [
            ("102", {"room": "102"}),
            ("101", {"reason": "room_taken"}),
            ("201", {"reason": "room_unknown"}),
        ],
    )
    def test_guest_asks_for_a_room(
        self, at_mews: At, names: IdFactory, room: str, result: dict[str, Any]
    ) -> None:
        """Room 101 is taken, and 201 is of another type."""
        api, vendors = at_mews
        add_stay(vendors, state="Started")
        call = MewsCall(api, names, add_stay(vendors, room=None))

        response = call.ask("room_assignment_request", room=room)

        assert response["result"].items() >= result.items()
        assert len(vendors.mews.bodies("updateReservations")) == ("room" in result)

    @pytest.mark.parametrize(
        ("operation", "interaction_type", "stay"),
        [
            ("updateReservations", "room_assignment_request", {"room": None, **ARRIVED}),
            ("startReservation", "check_in_request", ARRIVED),
            ("processReservation", "check_out_request", {"state": "Started", **LEAVING}),
        ],
    )
    def test_action_without_response_is_not_repeated(
        self, at_mews: At, names: IdFactory, operation: str, interaction_type: str, stay: dict[str, Any]
    ) -> None:
        """The guest who asks again gets what the first attempt did."""
        api, vendors = at_mews
        vendors.mews.inject_fault("reset", operation, times=1)
        call = MewsCall(api, names, add_stay(vendors, **stay))

        outcomes = [call.ask(interaction_type, confirmed=True)["outcome"] for _ in range(2)]

        assert outcomes == ["degraded", "done"]
        assert len(vendors.mews.requests(operation)) == 1

    def test_balance_is_what_is_charged_and_not_paid(self, at_mews: At, names: IdFactory) -> None:
        """A payment is negative at Mews; without either nothing is to be paid."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Started"))

        before = call.ask("balance_request")["result"]["balance_due"]
        vendors.mews.set_provider_state(BREAKFAST)
        vendors.mews.set_provider_state("a payment of a guest", gross=10.5)
        after = call.ask("balance_request")["result"]["balance_due"]

        assert (before, after) == (None, "7.50 EUR")

    def test_guest_checks_out_after_paying(self, at_mews: At, names: IdFactory) -> None:
        """Mews closes the bills, and would refuse a guest who has not paid."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Started", **LEAVING))
        vendors.mews.set_provider_state(BREAKFAST)

        unpaid = call.ask("check_out_request", confirmed=True)
        sent = vendors.mews.bodies("processReservation")
        vendors.mews.set_provider_state("a payment of a guest", gross=18.0)
        paid = call.ask("check_out_request", confirmed=True)

        [body] = vendors.mews.bodies("processReservation")
        assert (unpaid["result"], sent, paid["outcome"]) == ({"reason": "balance_open"}, [], "done")
        assert (body["CloseBills"], body["AllowOpenBalance"]) == (True, False)

    def test_check_out_with_a_late_order_is_refused(self, at_mews: At, names: IdFactory) -> None:
        """The first attempt did not arrive; before the second one, something was ordered."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Started", **LEAVING))
        vendors.mews.inject_fault("status", "processReservation", status=429, retry_after=3600, times=1)
        first = call.ask("check_out_request", confirmed=True)
        vendors.mews.set_provider_state(BREAKFAST)

        second = call.ask("check_out_request", confirmed=True)

        assert (first["outcome"], second["outcome"]) == ("degraded", "refused")
        assert second["warnings"] == []

    def test_check_out_before_the_last_day_is_not_sent(self, at_mews: At, names: IdFactory) -> None:
        """The reason follows from the dates."""
        api, vendors = at_mews
        call = MewsCall(api, names, add_stay(vendors, state="Started", **ARRIVED))

        response = call.ask("check_out_request", confirmed=True)

        assert (response["result"], vendors.mews.bodies("processReservation")) == (
            {"reason": "before_departure"},
            [],
        )
