"""Calls of guests of a hotel at Mews."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import ARRIVAL
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients

MEWS_HOTEL = "5f0a1c2e-0000-4000-8000-000000000004"
ROOM_SERVICE = "5f0a1c2e-0000-4000-8000-000000000017"
BREAKFAST = f"{ROOM_SERVICE}/5f0a1c2e-0000-4000-8000-00000000001d"
LATE_CHECKOUT = f"{ROOM_SERVICE}/5f0a1c2e-0000-4000-8000-00000000001e"
SAUNA = f"{ROOM_SERVICE}/5f0a1c2e-0000-4000-8000-0000000000ff"
"""A product that Mews does not know."""
MEWS_SERVICES = json.dumps(
    {"breakfast": BREAKFAST, "late_checkout": LATE_CHECKOUT, "sauna": SAUNA, "spa": "MUC-SPA"}
)
DEPARTURE = ARRIVAL + timedelta(days=2)
STAY = {"arrival": str(ARRIVAL), "departure": str(DEPARTURE)}


def call_started_at_mews(call_id: str, reservation_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """Build a `call.started` event of a hotel at Mews."""
    event = call_started(call_id, **fields)
    event["metadata"]["hotel_id"] = MEWS_HOTEL
    if reservation_id:
        event["metadata"]["reservation_id"] = reservation_id
    return event


def add_stay(vendors: StubClients, state: str = "Confirmed", **params: Any) -> str:
    """Add a reservation at Mews with the dates `STAY`; return its id."""
    reservation_id = str(uuid.uuid4())
    vendors.mews.set_provider_state("a reservation", id=reservation_id, state=state, **{**STAY, **params})
    return reservation_id


class MewsCall:
    """A call that has started.

    Args:
        api: the client of the service.
        names: creates the id of the call.
        reservation_id: the reservation that the telephone system names, if any.
        fields: those of `call_started`.
    """

    def __init__(
        self, api: ApiClient, names: IdFactory, reservation_id: str | None = None, **fields: Any
    ) -> None:
        self._api = api
        self._seconds = 0
        self.call_id = names.call()
        self.started = api.send_event(call_started_at_mews(self.call_id, reservation_id, **fields))

    def ask(self, interaction_type: str, **parameters: Any) -> dict[str, Any]:
        """Send an interaction and return the response."""
        self._seconds += 1
        event = call_interaction(self.call_id, interaction_type, second=self._seconds, **parameters)
        return self._api.send_event(event)
