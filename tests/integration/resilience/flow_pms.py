"""The property management systems of the flow matrix: how a hotel's reservations are set up, and which calls it serves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from tests.integration.call_events import HOTEL
from tests.integration.pms_connector.mews_calls import MEWS_HOTEL, MEWS_SERVICES
from tests.thoroughness import choose


class Pms(Protocol):
    """A property management system.

    Attributes:
        vendor: its stub.
        hotel_id: the hotel's id in events.
        stays: a guest in the house, one with a future stay, which can still be changed, one who arrives, one who leaves.
        dependencies: the vendors whose requests are steps, with their names in warnings.
        settings: settings of the service for this system.
        units_state: the provider state that sets how many units are for sale.
    """

    vendor: str
    hotel_id: str
    stays: tuple[Mapping[str, Any], ...]
    dependencies: Mapping[str, str]
    settings: Mapping[str, str]
    units_state: str

    def serves(self, interaction_type: str) -> bool:
        """Return whether an interaction sends a request to the system."""

    def reservation_id(self, unique: str) -> str:
        """Return an id in the system's format."""

    def reservation(self, reservation_id: str, last_name: str, stay: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of the provider state "a reservation"."""


class ApaleoPms:
    """Apaleo, which serves every interaction."""

    vendor = "apaleo"
    hotel_id = HOTEL
    stays: tuple[Mapping[str, Any], ...] = (
        {"status": "InHouse", "unit": "MUC-101"},
        {"status": "Confirmed"},
        {"status": "Confirmed", "ahead": 0},
        {"status": "InHouse", "unit": "MUC-101", "ahead": -2, "due": 0.0},
    )
    dependencies: Mapping[str, str] = {"apaleo": "pms", "tts": "tts", "livekit": "livekit"}
    settings: Mapping[str, str] = {}
    units_state = "units to sell"

    def serves(self, interaction_type: str) -> bool:
        """Every type of the API document is served."""
        return bool(interaction_type)

    def reservation_id(self, unique: str) -> str:
        """Apaleo's format is that of the id factory."""
        return unique

    def reservation(self, reservation_id: str, last_name: str, stay: Mapping[str, Any]) -> dict[str, Any]:
        """The guest has a name whose greeting was never synthesized."""
        guest = {"firstName": "Ada", "lastName": last_name, "preferredLanguage": "de"}
        return {"id": reservation_id, "guest": guest, **stay}


class MewsPms:
    """Mews, with the interactions that read or write something of their own there; speech and room are as at Apaleo."""

    vendor = "mews"
    hotel_id = MEWS_HOTEL
    stays: tuple[Mapping[str, Any], ...] = ({"state": "Started"}, {"state": "Confirmed"})
    dependencies: Mapping[str, str] = {"mews": "pms"}
    settings: Mapping[str, str] = {"SERVICES": MEWS_SERVICES}
    units_state = "rooms to sell"

    def serves(self, interaction_type: str) -> bool:
        """Every interaction of its own in a thorough run; otherwise one that reads, one that writes, one with both."""
        more: set[str] = choose(normal=set(), thorough={"change_request", "room_service_request"})
        return interaction_type in {"guest_info_request", "booking_request", "cancellation_request"} | more

    def reservation_id(self, unique: str) -> str:
        """Mews's ids are UUIDs."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, unique))

    def reservation(self, reservation_id: str, last_name: str, stay: Mapping[str, Any]) -> dict[str, Any]:
        """The state has one customer, who has the name of the call that was prepared last."""
        guest = {"FirstName": "Ada", "LastName": last_name, "LanguageCode": "de-DE"}
        return {"id": reservation_id, "guest": guest, **stay}
