"""Check-in and check-out by phone, and what a guest is told who cannot have them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction
from tests.integration.call_flow.stay_calls import (
    ARRIVING,
    CANCELED,
    CHECKED_OUT,
    GUEST,
    LATER,
    LEAVING,
    NO_SHOW,
    PAST,
    STAYING,
    Call,
    reason_of,
)
from tests.integration.vendors import StubClients


class TestCheckIn:
    """A guest checks in on the way to the hotel."""

    def test_guest_is_asked_gets_a_room_and_is_checked_in(self, call_of: Call) -> None:
        """Nothing happens before the guest confirms it."""
        call = call_of(**ARRIVING)

        asked, before = call.ask("check_in_request"), call.actions()
        done = call.ask("check_in_request", confirmed=True)
        stay = call.ask("guest_info_request")["result"]

        assert (asked["outcome"], asked["result"], before) == (
            "input_required",
            {"missing": ["confirmed"]},
            [],
        )
        assert asked["reply"] == "Your stay is until 3 May 2027. Shall I check you in now?"
        assert call.actions() == [("assignAnyUnit", 200), ("checkIn", 204)]
        assert (done["outcome"], done["result"]["room"]) == ("done", "101")
        assert done["reply"] == "You are checked in. Your room is 101. Have a pleasant stay."
        assert (stay["status"], stay["room"]) == ("in_house", "101")

    def test_room_that_is_assigned_already_is_kept(self, call_of: Call) -> None:
        """The reception has prepared it for the guest."""
        call = call_of(**ARRIVING | {"unit": "MUC-103"})

        done = call.ask("check_in_request", confirmed=True)

        assert (done["result"]["room"], call.actions()) == ("103", [("checkIn", 204)])
        # the stay as it was at the start of the call is forgotten
        assert call.ask("guest_info_request")["result"]["status"] == "in_house"

    def test_guest_may_name_a_room(self, call_of: Call, vendors: StubClients) -> None:
        """Apaleo knows the room by an id that no guest knows."""
        call = call_of(**ARRIVING)

        done = call.ask("check_in_request", confirmed=True, room="102")

        [request] = vendors.apaleo.requests("assignUnit")
        assert request["path"].endswith("/assign-unit/MUC-102")
        assert (done["outcome"], done["result"]["room"]) == ("done", "102")

    @pytest.mark.parametrize(
        ("reservation", "reason", "reply"),
        [
            (LATER, "before_arrival", "You can check in from 10 May 2027, the day of your arrival."),
            (PAST, "after_departure", "Your stay was until 24 April 2027, so I cannot do that."),
            (STAYING, "already_checked_in", "You are checked in already. Your room is 101."),
            (CANCELED, "stay_canceled", "Your reservation was cancelled."),
            (CHECKED_OUT, "stay_over", "You have checked out already, so I cannot do that."),
            (NO_SHOW, "stay_no_show", "Your reservation was closed because you did not arrive."),
        ],
    )
    def test_refusal_is_explained_before_the_guest_is_asked(
        self, call_of: Call, reservation: dict[str, Any], reason: str, reply: str
    ) -> None:
        """In the hotel's words: Apaleo's rules are for its own users."""
        call = call_of(**reservation)

        refused = call.ask("check_in_request")

        assert reason_of(refused) == ("refused", reason)
        assert refused["reply"].startswith(reply)
        assert call.actions() == []

    @pytest.mark.parametrize(
        ("language", "reply"),
        [
            ("de", "Sie können ab dem 10. Mai 2027, dem Tag Ihrer Anreise, einchecken."),
            ("fr", "Votre arrivée peut être enregistrée à partir du 10 mai 2027."),
        ],
    )
    def test_refusal_is_in_the_language_of_the_guest(self, call_of: Call, language: str, reply: str) -> None:
        """Every reason has words in every language."""
        call = call_of(**LATER, guest=GUEST | {"preferredLanguage": language})

        assert call.ask("check_in_request")["reply"] == reply

    def test_check_in_without_a_free_room_is_refused(self, call_of: Call, vendors: StubClients) -> None:
        """The guest stays confirmed, and a colleague may help."""
        vendors.apaleo.set_provider_state("units to sell", available=0)
        call = call_of(**ARRIVING)

        refused = call.ask("check_in_request", confirmed=True)

        assert (reason_of(refused), call.actions()) == (("refused", "no_room"), [("assignAnyUnit", 422)])

    def test_redelivered_check_in_has_one_effect(self, call_of: Call, operator: ApiClient) -> None:
        """The same event gets the same response."""
        call = call_of(**ARRIVING)
        event = call_interaction(call.call_id, "check_in_request", second=30, confirmed=True)

        first, second = operator.send_event(event), operator.send_event(event)

        assert (first["outcome"], first == second, len(call.actions())) == ("done", True, 2)

    def test_check_in_without_a_response_is_completed_once(self, call_of: Call, vendors: StubClients) -> None:
        """Asked again, the service reads whether the guest is in the house; the room is not assigned again."""
        call = call_of(**ARRIVING)
        vendors.apaleo.inject_fault("reset", "checkIn", times=1)

        first = call.ask("check_in_request", confirmed=True)
        second = call.ask("check_in_request", confirmed=True)

        assert (first["outcome"], second["outcome"], second["result"]["room"]) == ("degraded", "done", "101")
        operations = [operation for operation, _ in call.actions()]
        assert operations == ["assignAnyUnit", "checkIn"]

    def test_check_in_that_apaleo_rejects_meanwhile_is_explained(
        self, call_of: Call, vendors: StubClients
    ) -> None:
        """The reception cancelled the stay after the first attempt, whose outcome was unknown."""
        call = call_of(**ARRIVING | {"unit": "MUC-101"})
        vendors.apaleo.inject_fault("status", "checkIn", status=503, times=1)
        call.ask("check_in_request", confirmed=True)
        call.change_at_the_reception(status="Canceled", unit="MUC-101")

        refused = call.ask("check_in_request", confirmed=True)

        assert reason_of(refused) == ("refused", "stay_canceled")
        assert call.actions() == [("checkIn", 503), ("checkIn", 422)]


class TestCheckOut:
    """A guest leaves without queueing at the reception."""

    def test_bill_is_read_and_guest_asked_before_the_check_out(
        self, call_of: Call, vendors: StubClients
    ) -> None:
        """The bill is read again after the confirmation: something may have been charged since."""
        call = call_of(**LEAVING)

        asked, before = call.ask("check_out_request"), call.actions()
        done = call.ask("check_out_request", confirmed=True)

        assert (asked["outcome"], asked["result"], before) == (
            "input_required",
            {"missing": ["confirmed"]},
            [],
        )
        assert asked["reply"] == "Your bill is settled. Shall I check you out now?"
        assert (done["outcome"], call.actions()) == ("done", [("checkOut", 204)])
        assert done["reply"] == "You are checked out. We wish you a safe journey."
        assert len(vendors.apaleo.requests("listFolios")) == 2
        assert call.ask("guest_info_request")["result"]["status"] == "checked_out"

    @pytest.mark.parametrize("parameters", [{}, {"confirmed": True}])
    def test_guest_with_an_open_bill_is_told_the_amount(
        self, call_of: Call, parameters: dict[str, Any]
    ) -> None:
        """Nobody is checked out who has to pay."""
        call = call_of(**LEAVING | {"due": 37.5})

        refused = call.ask("check_out_request", **parameters)

        assert (reason_of(refused), call.actions()) == (("refused", "balance_open"), [])
        assert refused["reply"].startswith("37.50 EUR is still open on your bill.")

    @pytest.mark.parametrize(
        ("reservation", "reason", "reply"),
        [
            (LATER, "not_checked_in", "You have not checked in yet."),
            (STAYING, "before_departure", "Your stay is until 3 May 2027, so I cannot check you out yet."),
            (CHECKED_OUT, "stay_over", "You have checked out already, so I cannot do that."),
        ],
    )
    def test_refusal_is_explained(
        self, call_of: Call, reservation: dict[str, Any], reason: str, reply: str
    ) -> None:
        """The bill of a guest who cannot check out is not read."""
        call = call_of(**reservation)

        refused = call.ask("check_out_request", confirmed=True)

        assert (reason_of(refused), call.actions()) == (("refused", reason), [])
        assert refused["reply"].startswith(reply)

    def test_check_out_that_apaleo_rejects_meanwhile_is_explained(
        self, call_of: Call, vendors: StubClients
    ) -> None:
        """The reception reverted the check-in after the first attempt, whose outcome was unknown."""
        call = call_of(**LEAVING)
        vendors.apaleo.inject_fault("status", "checkOut", status=503, times=1)
        call.ask("check_out_request", confirmed=True)
        call.change_at_the_reception(status="Confirmed", unit="MUC-101")

        refused = call.ask("check_out_request", confirmed=True)

        assert reason_of(refused) == ("refused", "not_checked_in")
        assert call.actions() == [("checkOut", 503), ("checkOut", 422)]
