"""The room and the bill of a stay, and changes of it that Apaleo rejects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.call_flow.stay_calls import (
    CANCELED,
    CHECKED_OUT,
    GUEST,
    LATER,
    PAST,
    STAYING,
    Call,
    reason_of,
)
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest
from tests.integration.vendors import StubClients


class TestRoom:
    """A guest asks for a room before the arrival, or for another one."""

    def test_free_room_of_the_booked_type_is_assigned(self, call_of: Call) -> None:
        """The first assignment needs no confirmation."""
        call = call_of(**LATER)

        done = call.ask("room_assignment_request")

        assert (done["outcome"], done["reply"]) == ("done", "Your room is 101.")
        assert call.actions() == [("assignAnyUnit", 200)]

    def test_another_room_is_confirmed_before_it_is_assigned(self, call_of: Call) -> None:
        """A guest who has a room moves only on purpose."""
        call = call_of(**STAYING)

        asked, before = call.ask("room_assignment_request", room="104"), call.actions()
        done = call.ask("room_assignment_request", room="104", confirmed=True)

        assert (asked["result"], before) == ({"missing": ["confirmed"]}, [])
        assert asked["reply"] == "Your room is 101. Shall I give you room 104 instead?"
        assert (done["result"]["room"], call.actions()) == ("104", [("assignUnit", 200)])

    @pytest.mark.parametrize(
        ("reservation", "room", "reason", "actions"),
        [
            (STAYING, None, "room_already_assigned", []),
            (STAYING, "101", "room_already_assigned", []),
            (LATER, "999", "room_unknown", []),
            (CANCELED, None, "stay_canceled", []),
            (PAST, None, "after_departure", []),
        ],
    )
    def test_refusal_is_explained(
        self, call_of: Call, reservation: dict[str, Any], room: str | None, reason: str, actions: list[Any]
    ) -> None:
        """Apaleo is not asked for what it would reject."""
        call = call_of(**reservation)

        refused = call.ask("room_assignment_request", **({"room": room} if room else {}))

        assert (reason_of(refused), call.actions()) == (("refused", reason), actions)

    def test_room_of_another_guest_is_not_assigned(
        self, call_of: Call, vendors: StubClients, names: IdFactory
    ) -> None:
        """The guest is offered another one."""
        add_guest(vendors, names, unit="MUC-102", status="Confirmed")
        call = call_of(**LATER)

        refused = call.ask("room_assignment_request", room="102")

        assert reason_of(refused) == ("refused", "room_taken")
        assert refused["reply"] == "I am sorry, room 102 is not free. Shall I look for another one?"
        assert call.actions() == [("assignUnit", 422)]

    def test_hotel_without_rooms_of_the_type_has_no_such_room(
        self, call_of: Call, vendors: StubClients
    ) -> None:
        """Apaleo responds to an empty list without a body."""
        vendors.apaleo.set_provider_state("units to sell", available=0)
        call = call_of(**LATER)

        assert reason_of(call.ask("room_assignment_request", room="101")) == ("refused", "room_unknown")

    def test_room_on_a_later_page_is_found(self, call_of: Call, vendors: StubClients) -> None:
        """A hotel may have more rooms of a type than a page."""
        vendors.apaleo.set_provider_state("units to sell", available=205)
        call = call_of(**LATER)

        done = call.ask("room_assignment_request", room="305")

        assert done["result"]["room"] == "305"
        pages = [request["query"]["pageNumber"] for request in vendors.apaleo.requests("listUnits")]
        assert pages == [["1"], ["2"]]


class TestBalance:
    """A guest asks for the bill."""

    @pytest.mark.parametrize(
        ("due", "balance", "reply"),
        [
            (240.0, "240.00 EUR", "240.00 EUR is still open on your bill."),
            (0.0, "0.00 EUR", "Nothing is open on your bill."),
            (-12.5, "-12.50 EUR", "Nothing is open on your bill. You have a credit of 12.50 EUR."),
        ],
    )
    def test_balance_of_the_folios_is_told(self, call_of: Call, due: float, balance: str, reply: str) -> None:
        """At Apaleo the sign is the other way round."""
        call = call_of(due=due)

        told = call.ask("balance_request")

        assert (told["outcome"], told["reply"]) == ("done", reply)
        assert told["result"] == {"reservation_id": call.reservation_id, "balance_due": balance}

    def test_guest_who_is_known_by_the_number_hears_the_own_bill(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The call began without the number of a reservation."""
        call_id, phone = names.call(), names.phone()
        add_guest(vendors, names, guest=GUEST | {"phone": phone})
        operator.send_event(call_started(call_id, phone))

        told = operator.send_event(call_interaction(call_id, "balance_request"))

        assert told["result"]["balance_due"] == "240.00 EUR"

    def test_guest_without_a_folio_owes_nothing(self, call_of: Call, vendors: StubClients) -> None:
        """Apaleo responds to an empty list without a body."""
        call = call_of()
        vendors.apaleo.set_provider_state("no reservation")

        told = call.ask("balance_request")

        assert (told["reply"], told["result"]["balance_due"]) == ("Nothing is open on your bill.", None)


class TestServices:
    """A guest orders the same again."""

    def test_second_order_without_a_response_is_ordered_once(
        self, call_of: Call, vendors: StubClients
    ) -> None:
        """Asked again, the service reads how often the stay has it already."""
        call = call_of(**STAYING)
        call.ask("room_service_request", service="breakfast")
        vendors.apaleo.inject_fault("reset", "bookService", times=1)

        lost = call.ask("room_service_request", service="breakfast")
        again = call.ask("room_service_request", service="breakfast")

        assert (lost["outcome"], again["outcome"]) == ("degraded", "done")
        assert len(vendors.apaleo.requests("bookService")) == 2

    def test_second_room_is_booked_beside_the_first(self, call_of: Call) -> None:
        """Each request of its own is a booking of its own."""
        call = call_of(**LATER)

        booked = [call.ask("booking_request", **DATES, last_name="Beispiel")["result"] for _ in range(2)]

        assert len({result["reservation_id"] for result in booked}) == 2


class TestRejectedChanges:
    """Other changes of the stay that Apaleo rejects."""

    @pytest.mark.parametrize(
        ("reservation", "interaction_type", "parameters", "operation", "reason"),
        [
            (STAYING, "cancellation_request", {"confirmed": True}, "cancelReservation", "stay_has_begun"),
            (STAYING, "change_request", {}, "amend", "stay_has_begun"),
            (CHECKED_OUT, "change_request", {}, "amend", "stay_over"),
            (CHECKED_OUT, "room_service_request", {"service": "breakfast"}, "bookService", "stay_over"),
        ],
    )
    def test_rejection_is_explained(
        self,
        call_of: Call,
        vendors: StubClients,
        reservation: dict[str, Any],
        interaction_type: str,
        parameters: dict[str, Any],
        operation: str,
        reason: str,
    ) -> None:
        """The reason follows from the state of the stay, not from Apaleo's message."""
        call = call_of(**reservation)
        dates = {"arrival": "2027-06-10", "departure": "2027-06-12"} if operation == "amend" else {}

        refused = call.ask(interaction_type, **parameters, **dates)

        [request] = vendors.apaleo.requests(operation)
        assert (reason_of(refused), request["status"]) == (("refused", reason), 422)
        assert refused["reply"].endswith("I can connect you with a colleague.")

    def test_stay_that_was_deleted_meanwhile_is_not_found(self, call_of: Call, vendors: StubClients) -> None:
        """The service still has it in the cache when the guest cancels it."""
        call = call_of(**LATER)
        vendors.apaleo.set_provider_state("no reservation")

        refused = call.ask("cancellation_request", confirmed=True)

        [request] = vendors.apaleo.requests("cancelReservation")
        assert (reason_of(refused), request["status"]) == (("refused", "no_reservation"), 404)
