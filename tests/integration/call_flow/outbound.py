"""Wake-up calls and call-backs: ordered by guests and staff, placed at their time."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.accounts import MakeUser
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.call_flow.outbound_steps import (
    OutboundCalls,
    dialled_numbers,
    get_call,
    let_telephone_be,
    order,
    order_body,
)
from tests.integration.data import ARRIVAL
from tests.integration.database_control import (
    hidden_table,
    leave_outbound_call_dialling,
    make_outbound_call_due,
)
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.scenarios import exported_calls
from tests.integration.settings import OUTBOUND_ATTEMPTS, OUTBOUND_NUMBER, OUTBOUND_TRUNK
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

FOREIGN_NUMBER = "+882161234567"
GREETINGS = {
    "wake_up": "Good morning. This is your wake-up call.",
    "call_back": "Good day. You asked me to call you back. How may I help you?",
}


@pytest.fixture
def outbound(admin: ApiClient, stack_folder: Path) -> OutboundCalls:
    """The calls of the service that all suites share."""
    return OutboundCalls(admin, stack_folder / "orchestrator.sqlite")


def answered_count(api: ApiClient, kind: str) -> float:
    """Return how many calls of a kind were answered."""
    return read_metrics(api).get(f'outbound_calls_total{{kind="{kind}",outcome="answered"}}', 0)


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
        assert all(text in response["reply"] for text in (str(ARRIVAL), "06:30"))
        call = get_call(operator, response["result"]["outbound_call_id"])
        expected = {"kind": kind, "number": phone, "reservation_id": guest, "ordered_by": "guest"}
        assert {name: call[name] for name in expected} == expected
        assert (call["status"], call["due_at"][:16]) == ("scheduled", f"{ARRIVAL}T06:30")
        assert [each["id"] for each in export(admin, phone)] == [call["id"]]

    def test_guest_is_asked_for_the_time(self, operator: ApiClient, call: str) -> None:
        """Nothing is ordered before it is known."""
        response = operator.send_event(call_interaction(call, "wake_up_request", "Wake me up, please"))

        assert (response["outcome"], response["result"]) == ("input_required", {"missing": ["time"]})

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

        assert (statuses, limited.get("/outbound-calls").json()) == ([403, 404, 404], [])
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


def export(api: ApiClient, phone: str) -> list[dict[str, Any]]:
    """Return the outbound calls in the export of a data subject."""
    calls: list[dict[str, Any]] = api.get(f"/gdpr/export/{phone}").json()["outbound_calls"]
    return calls


class TestPlacedCalls:
    """What happens when the time of a call has come."""

    @pytest.mark.critical
    @pytest.mark.parametrize("kind", ["wake_up", "call_back"])
    def test_answered_call_is_spoken_to_and_goes_on(
        self,
        outbound: OutboundCalls,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        kind: str,
    ) -> None:
        """One attempt over the hotel's trunk; the guest can go on speaking, and the call has a record."""
        let_telephone_be(vendors)
        phone, before = names.phone(), answered_count(admin, kind)
        call_id = order(operator, phone, kind=kind)["id"]

        call = outbound.place(call_id)

        [dialled] = vendors.livekit.bodies("CreateSIPParticipant")
        expected = {"sip_trunk_id": OUTBOUND_TRUNK, "sip_number": OUTBOUND_NUMBER, "sip_call_to": phone}
        assert {name: dialled[name] for name in expected} == expected
        assert (dialled["room_name"], dialled["wait_until_answered"]) == (f"call-{call_id}", True)
        [message] = vendors.livekit.bodies("SendData")
        assert (message["room"], GREETINGS[kind]) == (f"call-{call_id}", spoken_text(message))
        assert (call["status"], call["attempts"], call["number"]) == ("answered", 1, None)
        assert answered_count(admin, kind) == before + 1
        details = operator.send_event(call_interaction(call_id, "small_talk"))
        operator.send_event(call_ended(call_id))
        assert (details["state"], [each["call_id"] for each in exported_calls(admin, phone)]) == (
            "active",
            [call_id],
        )

    @pytest.mark.parametrize(
        ("peer", "status", "reason", "attempts"),
        [
            ({"status": 486}, "scheduled", "busy", 1),
            ({"answers": False}, "scheduled", "no_answer", 1),
            ({"worker": False}, "scheduled", "no_sip_service", 0),
            ({"status": 603}, "failed", "declined", 1),
            ({"status": 404}, "failed", "unknown_number", 1),
        ],
        ids=str,
    )
    def test_unanswered_call_is_attempted_again_or_over(
        self,
        outbound: OutboundCalls,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        peer: dict[str, Any],
        status: str,
        reason: str,
        attempts: int,
    ) -> None:
        """A busy telephone or nobody there may be different later; whoever declines is left alone."""
        let_telephone_be(vendors, **peer)
        call_id = order(operator, names.phone(), kind="call_back")["id"]

        call = outbound.place(call_id)

        assert (call["status"], call["reason"], call["attempts"]) == (status, reason, attempts)
        assert (call["next_attempt_at"] is not None) is (status == "scheduled")
        assert vendors.livekit.bodies("SendData") == []
        wait_until(lambda: len(vendors.livekit.requests("DeleteRoom")) == 1, "the room is closed")

    def test_unknown_trunk_is_final(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A mistake in the settings does not go away by itself."""
        call = outbound.place(order(operator, names.phone(), kind="call_back")["id"])

        assert (call["status"], call["reason"]) == ("failed", "unknown_trunk")
        wait_until(lambda: len(vendors.livekit.requests("DeleteRoom")) == 1, "the room is closed")

    def test_busy_guest_is_reached_later(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The second attempt is answered."""
        let_telephone_be(vendors, status=486)
        call_id = order(operator, names.phone())["id"]
        busy = outbound.place(call_id)
        let_telephone_be(vendors)

        answered = outbound.place(call_id)

        next_at = datetime.fromisoformat(busy["next_attempt_at"])
        assert next_at - datetime.fromisoformat(busy["ordered_at"]) > timedelta(minutes=50)
        assert (answered["status"], answered["attempts"]) == ("answered", 2)

    def test_attempts_are_limited(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Staff still sees the number of a guest who was not reached."""
        let_telephone_be(vendors, answers=False)
        phone = names.phone()
        call_id = order(operator, phone)["id"]

        calls = [outbound.place(call_id) for _ in range(OUTBOUND_ATTEMPTS)]

        assert [call["status"] for call in calls] == ["scheduled", "failed"]
        assert (calls[-1]["number"], dialled_numbers(vendors)) == (phone, [phone] * OUTBOUND_ATTEMPTS)

    def test_call_that_is_too_late_is_not_made(
        self, outbound: OutboundCalls, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The service was down at its time."""
        let_telephone_be(vendors)

        call = outbound.place(order(operator, names.phone())["id"], timedelta(days=2))

        assert (call["status"], call["reason"], dialled_numbers(vendors)) == ("failed", "too_late", [])

    @pytest.mark.critical
    @pytest.mark.parametrize(
        ("in_room", "status", "messages"), [(True, "answered", 1), (False, "unknown", 0)]
    )
    def test_call_of_a_killed_process_is_not_dialled_again(
        self,
        outbound: OutboundCalls,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        *,
        in_room: bool,
        status: str,
        messages: int,
    ) -> None:
        """Who is in the room decides: a guest who waits there is spoken to, otherwise nobody knows what happened."""
        let_telephone_be(vendors)
        call = order(operator, names.phone())
        if in_room:
            vendors.livekit.set_provider_state(
                "a participant in a room",
                room=f"call-{call['id']}",
                identity="guest",
                kind="SIP",
                attributes={"sip.phoneNumber": call["number"], "sip.callID": "SCL_1"},
            )
        leave_outbound_call_dialling(outbound.database, call["id"])

        over = outbound.wait_for_change(call)

        assert (over["status"], dialled_numbers(vendors)) == (status, [])
        assert len(vendors.livekit.bodies("SendData")) == messages

    def test_erased_guest_is_not_called(
        self,
        outbound: OutboundCalls,
        admin: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
    ) -> None:
        """The order is gone with the data of the guest; another guest is called."""
        let_telephone_be(vendors)
        phone, other = names.phone(), names.phone()
        call_id = order(operator, phone)["id"]

        before = export(admin, phone)
        erased = admin.post("/gdpr/deletion-request", {"subject": phone}).json()
        outbound.place(order(operator, other)["id"])

        assert ([call["number"] for call in before], erased["outbound_calls"]) == ([phone], 1)
        assert operator.get(f"/outbound-calls/{call_id}").status_code == 404
        assert (export(admin, phone), dialled_numbers(vendors)) == ([], [other])


def spoken_text(message: dict[str, Any]) -> str:
    """Return the text of a message to the voice agent."""
    text: str = json.loads(base64.b64decode(message["data"]))["text"]
    return text
