"""Steps that several suites take: guests at the PMS, calls, circuits."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.metrics import count_outcomes
from tests.integration.vendors import StubClients
from tests.integration.waiting import DEADLINE_SECONDS, wait_until

TRANSFERS = "call_transfers_total"
"""The metric of the transfers, by outcome."""


def add_guest(vendors: StubClients, names: IdFactory, **reservation: Any) -> str:
    """Add a reservation at Apaleo, by default of a guest who has checked in; return its id."""
    reservation_id = names.reservation()
    fields = {"id": reservation_id, "status": "InHouse", "unit": "MUC-101", **reservation}
    vendors.apaleo.set_provider_state("a reservation", **fields)
    return reservation_id


def add_participant(vendors: StubClients, call_id: str, identity: str, kind: str) -> None:
    """Let somebody join the room of a call: SIP is a caller on the telephone, AGENT a voice agent."""
    attributes = {"sip.phoneNumber": "+4930123456", "sip.callID": "SCL_1"} if kind == "SIP" else {}
    vendors.livekit.set_provider_state(
        "a participant in a room",
        room=f"call-{call_id}",
        identity=identity,
        kind=kind,
        attributes=attributes,
    )


@contextmanager
def expect_transfer(api: ApiClient, outcome: str = "transferred") -> Iterator[None]:
    """Wait after the block until a transfer is over, which follows the response to its event; it has this outcome."""
    before = count_outcomes(api, TRANSFERS)
    yield
    wait_until(lambda: count_outcomes(api, TRANSFERS) != before, "the transfer is over")
    assert count_outcomes(api, TRANSFERS) - before == Counter({outcome: 1})


def spoken_texts(vendors: StubClients) -> list[str]:
    """Return what the voice agent was sent, without the greeting of the only call."""
    messages = [json.loads(base64.b64decode(body["data"])) for body in vendors.livekit.bodies("SendData")]
    return [message["text"] for message in messages][1:]


def reservation_reads(vendors: StubClients) -> int:
    """Return how many requests read a single reservation from Apaleo."""
    return len(vendors.apaleo.requests("getReservation"))


def ask_for_stay(operator: ApiClient, names: IdFactory, reservation_id: str) -> dict[str, Any]:
    """Start a call about a reservation and ask for the stay details."""
    call_id = names.call()
    operator.send_event(call_started(call_id, reservation_id=reservation_id))
    return operator.send_event(call_interaction(call_id, "guest_info_request"))


def exported_calls(admin: ApiClient, phone: str) -> list[dict[str, Any]]:
    """Return the call records of a phone number."""
    calls: list[dict[str, Any]] = admin.get_json(f"/gdpr/export/{phone}")["calls"]
    return calls


def make_lookups_fail(operator: ApiClient, vendors: StubClients, names: IdFactory) -> None:
    """Let Apaleo fail for three calls, after which its circuit opens."""
    vendors.apaleo.inject_fault("status", status=503)
    start_unknown_calls(operator, names, 3)


def start_unknown_calls(operator: ApiClient, names: IdFactory, count: int) -> None:
    """Start calls about reservations that do not exist."""
    for _ in range(count):
        operator.send_event(call_started(names.call(), reservation_id=names.reservation()))


def circuit_states(admin: ApiClient) -> dict[str, str]:
    """Return the worst state of each vendor's circuits."""
    return {name: state for name, state in _all_circuit_states(admin).items() if "." not in name}


def circuit_group_states(admin: ApiClient) -> dict[str, str]:
    """Return the state of the circuit of each group of operations, by `vendor.group`."""
    return {name: state for name, state in _all_circuit_states(admin).items() if "." in name}


def _all_circuit_states(admin: ApiClient) -> dict[str, str]:
    circuits = admin.get_json("/resilience/circuit-breakers")
    return {circuit["name"]: circuit["state"] for circuit in circuits}


def close_circuits(admin: ApiClient) -> None:
    """Close the circuits that a test opened, and forget the failures that it caused."""
    for circuit in admin.get_json("/resilience/circuit-breakers"):
        if "." in circuit["name"] and (circuit["state"] != "closed" or circuit["failures"]):
            admin.post(f"/resilience/circuit-breakers/{circuit['name']}/reset")


def ask_until_not_degraded(api: ApiClient, call_id: str) -> dict[str, Any]:
    """Ask for the stay details until the PMS is used again."""
    responses: list[dict[str, Any]] = []
    seconds = itertools.count()

    def pms_is_used() -> bool:
        event = call_interaction(call_id, "guest_info_request", second=next(seconds))
        responses.append(api.send_event(event))
        return bool(responses[-1]["outcome"] != "degraded")

    wait_until(pms_is_used, "the PMS is used again")
    return responses[-1]


async def send_event(http: httpx.AsyncClient, event: dict[str, Any]) -> dict[str, Any]:
    """Send a call event that must be accepted; return the response body.

    A retryable 503 is redelivered, as the telephone system does: with many calls at once the database may be busy.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    response = await http.post("/webhook/call-event", json=event)
    while (
        response.status_code == 503 and response.json()["error"]["retryable"] and time.monotonic() < deadline
    ):
        await asyncio.sleep(int(response.headers["Retry-After"]))
        response = await http.post("/webhook/call-event", json=event)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def run_whole_call(http: httpx.AsyncClient, call_id: str, reservation_id: str) -> tuple[str, str, str]:
    """Run a call from start to end; return its state after the start, the guest's room and the last state."""
    started = await send_event(http, call_started(call_id, reservation_id=reservation_id))
    details = await send_event(http, call_interaction(call_id, "guest_info_request"))
    ended = await send_event(http, call_ended(call_id))
    return started["state"], details["result"]["room"], ended["state"]


async def book_in_new_call(http: httpx.AsyncClient, call_id: str) -> str:
    """Start a call and book a stay; return the outcome."""
    await send_event(http, call_started(call_id))
    event = call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel")
    outcome: str = (await send_event(http, event))["outcome"]
    return outcome


async def guest_name_in_new_call(http: httpx.AsyncClient, call_id: str, reservation_id: str) -> str:
    """Start a call about a reservation; return the guest's name from the stay details."""
    await send_event(http, call_started(call_id, reservation_id=reservation_id))
    details = await send_event(http, call_interaction(call_id, "guest_info_request"))
    name: str = details["result"]["guest_name"]
    return name
