"""Wake-up calls and call-backs are ordered by guests and staff, listed and cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.accounts import MakeUser
from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.call_flow.outbound_steps import (
    OutboundCalls,
    dialled_numbers,
    exported_outbound_calls,
    get_call,
    let_telephone_be,
    order,
    order_body,
)
from tests.integration.call_flow.understanding import TOMORROW, say
from tests.integration.data import ARRIVAL
from tests.integration.database_control import hidden_table, make_outbound_call_due
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

FOREIGN_NUMBER = "+882161234567"


@pytest.fixture
def outbound(admin: ApiClient, stack_folder: Path) -> OutboundCalls:
    """The calls of the service that all suites share."""
    return OutboundCalls(admin, stack_folder / "orchestrator.sqlite")


class TestOutboundOrders:
    """Who can order, see and cancel a call."""

    @pytest.mark.critical
    @pytest.mark.parametrize("kind", ["wake_up", "call_back"])
    def test_guest_orders_a_call(
        self, admin: ApiClient, operator: ApiClient, names: IdFactory, guest: str, kind: str
    ) -> None:
        """It is stored for the caller's number; the guest hears date and time of the hotel's clock."""
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone, reservation_id=guest))
        event = call_interaction(call_id, f"{kind}_request", time="06:30", date=str(ARRIVAL))

        response, again = operator.send_event(event), operator.send_event(event)

        assert (response["outcome"], response) == ("done", again)
        assert f" am {ARRIVAL.day}. " in response["reply"]
        assert f" {ARRIVAL.year} um 06:30 Uhr" in response["reply"]
        call = get_call(operator, response["result"]["outbound_call_id"])
        expected = {"kind": kind, "number": phone, "reservation_id": guest, "ordered_by": "guest"}
        assert {name: call[name] for name in expected} == expected
        assert (call["status"], call["due_at"][:16]) == ("scheduled", f"{ARRIVAL}T06:30")
        assert [each["id"] for each in exported_outbound_calls(admin, phone)] == [call["id"]]

    def test_guest_is_asked_for_the_time(self, operator: ApiClient, names: IdFactory) -> None:
        """Nothing is ordered before it is known; the day that was understood is kept."""
        call_id = names.call()
        operator.send_event(call_started(call_id, names.phone()))

        response = operator.send_event(say(call_id, "wake_up_request", "Wake me up tomorrow, please"))

        assert (response["outcome"], response["result"]) == ("input_required", {"missing": ["time"]})
        assert response["understood"] == {"date": str(TOMORROW)}

    def test_time_and_date_are_read_from_text(self, operator: ApiClient, names: IdFactory) -> None:
        """The guest orders in one sentence."""
        call_id = names.call()
        operator.send_event(call_started(call_id, names.phone()))

        response = operator.send_event(say(call_id, "call_back_request", "Call me back tomorrow at 3:15 pm"))

        assert (response["outcome"], response["result"]["due_at"][:16]) == ("done", f"{TOMORROW}T15:15")

    @pytest.mark.parametrize(
        ("phone", "parameters", "reason"),
        [
            (FOREIGN_NUMBER, {"time": "06:30"}, "number_not_allowed"),
            ("+4930123456", {"time": "06:30", "date": "2020-01-01"}, "in_the_past"),
            ("+4930123456", {"time": "06:30", "date": "9999-12-31"}, "too_far_ahead"),
        ],
        ids=str,
    )
    def test_impossible_order_is_declined(
        self, operator: ApiClient, names: IdFactory, phone: str, parameters: dict[str, Any], reason: str
    ) -> None:
        """A number outside of the allowed prefixes, or a day that cannot be meant."""
        call_id = names.call()
        operator.send_event(call_started(call_id, phone))

        response = operator.send_event(call_interaction(call_id, "wake_up_request", **parameters))

        assert (response["outcome"], response["result"]) == ("refused", {"reason": reason})

    def test_order_is_not_lost_silently_while_the_database_is_away(
        self, outbound: OutboundCalls, operator: ApiClient, call: str
    ) -> None:
        """The guest is told, and can order the same afterwards."""
        parameters: dict[str, Any] = {"time": "06:30", "date": str(ARRIVAL)}
        with hidden_table(outbound.database, "outbound_calls"):
            failed = operator.send_event(call_interaction(call, "wake_up_request", **parameters))

        again = operator.send_event(call_interaction(call, "wake_up_request", second=20, **parameters))

        warnings = [warning["code"] for warning in failed["warnings"]]
        assert (failed["outcome"], warnings, again["outcome"]) == (
            "degraded",
            ["DATABASE_UNAVAILABLE"],
            "done",
        )

    def test_orders_for_one_number_are_limited(self, operator: ApiClient, names: IdFactory) -> None:
        """Five may wait; the same order again is the first one."""
        phone = names.phone()
        orders = [order(operator, phone, time=f"07:{minute:02}") for minute in range(5)]

        again = order(operator, phone, time="07:00")
        rejected = operator.post("/outbound-calls", order_body(phone) | {"time": "08:00"})

        assert again == orders[0]
        assert (rejected.status_code, rejected.json()["error"]["code"]) == (409, "CONFLICT")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("number", FOREIGN_NUMBER),
            ("number", "+499001234567"),
            ("number", "030 123456"),
            ("time", "24:00"),
            ("date", "2020-01-01"),
            ("date", "9999-12-31"),
        ],
    )
    def test_invalid_order_names_the_field(
        self, operator: ApiClient, names: IdFactory, field: str, value: str
    ) -> None:
        """The value is not repeated."""
        response = operator.post("/outbound-calls", order_body(names.phone()) | {field: value})

        fields = [detail["field"] for detail in response.json()["error"]["details"]]
        assert (response.status_code, fields) == (422, [field])
        assert value not in response.text

    def test_user_limited_to_a_hotel_knows_no_calls_of_another(
        self, make_user: MakeUser, operator: ApiClient, names: IdFactory
    ) -> None:
        """Neither orders, sees nor cancels them."""
        limited = make_user("operator", hotel_ids=["BER"])
        call_id = order(operator, names.phone())["id"]

        statuses = [
            limited.post("/outbound-calls", order_body(names.phone())).status_code,
            limited.get(f"/outbound-calls/{call_id}").status_code,
            limited.delete(f"/outbound-calls/{call_id}").status_code,
        ]

        assert (statuses, limited.get_json("/outbound-calls")) == ([403, 404, 404], [])
        assert get_call(operator, call_id)["status"] == "scheduled"

    def test_viewer_sees_no_numbers(self, make_user: MakeUser, operator: ApiClient, names: IdFactory) -> None:
        """Nobody needs the number of a guest who must not call the guest."""
        phone = names.phone()
        call_id = order(operator, phone)["id"]
        viewer = make_user("viewer")

        response, calls = (
            viewer.get(f"/outbound-calls/{call_id}"),
            viewer.get("/outbound-calls?status=scheduled"),
        )

        assert (response.json()["number"], get_call(operator, call_id)["number"]) == (None, phone)
        assert call_id in {call["id"] for call in calls.json()}
        assert phone not in calls.text

    @pytest.mark.critical
    def test_cancelled_call_is_never_placed(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A call that is due later is placed, and the cancelled one is not; cancelling again changes nothing."""
        let_telephone_be(vendors)
        cancelled, phone = order(operator, names.phone())["id"], names.phone()

        statuses = [operator.delete(f"/outbound-calls/{cancelled}").status_code for _ in range(2)]
        outbound.place(order(operator, phone)["id"])

        assert (statuses, dialled_numbers(vendors)) == ([204, 204], [phone])
        assert (get_call(operator, cancelled)["status"], get_call(operator, cancelled)["number"]) == (
            "cancelled",
            None,
        )

    def test_call_that_is_being_placed_cannot_be_cancelled(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Neither while the telephone rings nor after the guest has answered."""
        let_telephone_be(vendors)
        vendors.livekit.inject_fault("delay", "CreateSIPParticipant", seconds=600, times=1)
        call = order(operator, names.phone())
        make_outbound_call_due(outbound.database, call["id"])
        wait_until(lambda: get_call(operator, call["id"])["status"] == "dialling", "the telephone rings")

        ringing = operator.delete(f"/outbound-calls/{call['id']}").status_code
        vendors.livekit.clear_faults()
        over = outbound.wait_for_change(call)
        statuses = [ringing, operator.delete(f"/outbound-calls/{call['id']}").status_code]

        assert (statuses, over["status"]) == ([409, 409], "answered")
