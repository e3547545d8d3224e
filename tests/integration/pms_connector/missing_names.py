"""Rooms and room types of Apaleo without a name, which Apaleo does not require."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, ask_for_stay
from tests.integration.vendors import StubClients


class TestMissingNames:
    """What has no name is called by its id."""

    @pytest.mark.parametrize(("field", "room"), [("/unit/name", "MUC-101"), ("/unitGroup/name", "101")])
    def test_stay_without_name(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, field: str, room: str
    ) -> None:
        """The guest is told the room's id if it has no name; a room type without a name changes nothing."""
        vendors.apaleo.inject_fault("drop", "getReservation", field=field)

        stay = ask_for_stay(operator, names, add_guest(vendors, names))["result"]

        assert stay["room"] == room
        assert vendors.apaleo.played_faults("getReservation") == {"drop"}

    @pytest.mark.parametrize(("field", "room"), [("unit/name", "MUC-101"), ("unitGroup/name", "101")])
    def test_stay_in_list_without_name(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, field: str, room: str
    ) -> None:
        """A guest is found by phone although the room, or the room type, has no name."""
        phone = names.phone()
        add_guest(vendors, names, guest={"lastName": "Namenlos", "phone": phone})
        vendors.apaleo.inject_fault("drop", "listReservations", field=f"/reservations/0/{field}")

        started = operator.send_event(call_started(names.call(), phone))

        assert started["reservation_data"]["room"] == room
        assert vendors.apaleo.played_faults("listReservations") == {"drop"}

    @pytest.mark.parametrize(
        ("operation", "field", "parameters", "room"),
        [
            ("assignAnyUnit", "/timeSlices/0/unit/name", {}, "MUC-101"),
            ("assignUnit", "/unit/name", {"room": "102"}, "MUC-102"),
        ],
    )
    def test_assigned_room_without_name(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        operation: str,
        field: str,
        parameters: dict[str, Any],
        room: str,
    ) -> None:
        """The guest is told the room's id."""
        vendors.apaleo.inject_fault("drop", operation, field=field)
        call_id = names.call()
        reservation_id = add_guest(vendors, names, status="Confirmed", unit=None)
        operator.send_event(call_started(call_id, reservation_id=reservation_id))

        response = operator.send_event(call_interaction(call_id, "room_assignment_request", **parameters))

        assert (response["outcome"], response["result"]["room"]) == ("done", room)

    def test_offer_without_name(self, operator: ApiClient, vendors: StubClients, names: IdFactory) -> None:
        """A room type is offered by its id."""
        vendors.apaleo.inject_fault("drop", "listOffers", field="/offers/0/unitGroup/name")
        call_id = names.call()
        operator.send_event(call_started(call_id))

        response = operator.send_event(call_interaction(call_id, "availability_request", **DATES))

        assert response["result"]["offers"][0]["room"] == "MUC-DBL"
