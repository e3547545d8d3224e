"""Steps of the suite of outbound calls: orders, their time, what was dialled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.integration.api import ApiClient
from tests.integration.call_events import HOTEL
from tests.integration.data import ARRIVAL
from tests.integration.database_control import make_outbound_call_due
from tests.integration.settings import OUTBOUND_NUMBER, OUTBOUND_TRUNK
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

FINAL = ("answered", "failed", "unknown", "cancelled")


def order(api: ApiClient, number: str, **fields: Any) -> dict[str, Any]:
    """Order a call that must be accepted, by default a wake-up call weeks ahead; return the response body."""
    body = order_body(number) | fields
    response = api.post("/outbound-calls", body)
    assert response.status_code == 201, response.text
    call: dict[str, Any] = response.json()
    return call


def order_body(number: str) -> dict[str, Any]:
    """Return the order of a wake-up call."""
    return {"kind": "wake_up", "hotel_id": HOTEL, "number": number, "time": "07:00", "date": str(ARRIVAL)}


def get_call(api: ApiClient, call_id: str) -> dict[str, Any]:
    """Return a call."""
    call: dict[str, Any] = api.get_json(f"/outbound-calls/{call_id}")
    return call


def exported_outbound_calls(api: ApiClient, phone: str) -> list[dict[str, Any]]:
    """Return the outbound calls in the export of a data subject."""
    calls: list[dict[str, Any]] = api.get_json(f"/gdpr/export/{phone}")["outbound_calls"]
    return calls


def let_telephone_be(vendors: StubClients, **peer: Any) -> None:
    """Give the hotel a trunk, and decide what the called person does."""
    vendors.livekit.set_provider_state("an outbound trunk", id=OUTBOUND_TRUNK, number=OUTBOUND_NUMBER)
    vendors.livekit.set_provider_state("a SIP peer", **peer)


def dialled_numbers(vendors: StubClients) -> list[str]:
    """Return the numbers that were dialled."""
    return [body["sip_call_to"] for body in vendors.livekit.bodies("CreateSIPParticipant")]


@dataclass(frozen=True)
class OutboundCalls:
    """The calls of a service whose time the test moves.

    Args:
        api: a client with access to all calls.
        database: the file of the service's database.
    """

    api: ApiClient
    database: Path

    def place(self, call_id: str, delay: timedelta = timedelta(0)) -> dict[str, Any]:
        """Let the time of a call come; return the call as soon as the attempt is over."""
        before = get_call(self.api, call_id)
        make_outbound_call_due(self.database, call_id, delay)
        return self.wait_for_change(before)

    def wait_for_change(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Wait until an attempt is over, and return the call: it is final, or has the reason of the failed attempt."""
        calls: list[dict[str, Any]] = []

        def is_over() -> bool:
            calls.append(get_call(self.api, before["id"]))
            status = calls[-1]["status"]
            failed = calls[-1]["attempts"] > before["attempts"] or calls[-1]["reason"] != before["reason"]
            return status in FINAL or (status == "scheduled" and failed)

        wait_until(is_over, "the attempt is over")
        return calls[-1]
