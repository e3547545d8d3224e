"""Webhooks of vendors that are delivered twice or out of order, for every message in the pacts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from fault_injection.catalogue import FAULTS, Delivery, Fault, Target
from fault_injection.results import Cell, Reaction, save_cells
from local_stack.stack import Stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.scenarios import add_guest, add_participant, exported_calls
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until
from tests.integration.webhooks import post_apaleo, post_livekit

PACTS = Path(__file__).parents[3] / "pacts"
ROOM_FINISHED = "a room was finished"
REPLACEMENTS = {"CreateDispatch": "room", "TransferSIPParticipant": "room_name"}
"""The requests that replace an agent, each with the member that names the room."""
WEBHOOK_FAULTS = [fault for fault in FAULTS if fault.target is Target.WEBHOOK]
Deliver = Callable[[str], httpx.Response]


def message_descriptions(vendor: str) -> list[str]:
    """Return the messages in the pact of a vendor, in the order of the pact."""
    pact = json.loads((PACTS / f"voicehive-orchestrator-{vendor}.json").read_text(encoding="utf-8"))
    return [item["description"] for item in pact["interactions"] if "Messages" in item["type"]]


def deliver_in_order(fault: Fault, descriptions: tuple[str, str], deliver: Deliver) -> list[int]:
    """Deliver two messages as the fault says; return the statuses of the responses."""
    return [deliver(descriptions[index]).status_code for index in _order(fault)]


@pytest.mark.parametrize("fault", WEBHOOK_FAULTS, ids=lambda fault: fault.name)
class TestWebhookFaults:
    """The service accepts each delivery, and its effect is that of one delivery in order."""

    def test_call_is_recorded_once(
        self,
        fault: Fault,
        stack: Stack,
        vendors: StubClients,
        operator: ApiClient,
        admin: ApiClient,
        names: IdFactory,
    ) -> None:
        """Whatever LiveKit says about the room of a call and in which order, the call ends once."""
        cells = []
        for pair in itertools.pairwise(message_descriptions("livekit")):
            call_id, phone = names.call(), names.phone()
            operator.send_event(call_started(call_id, phone))

            deliver = _livekit_deliveries(stack, vendors, operator, call_id)
            statuses = deliver_in_order(fault, pair, deliver)
            ended = operator.send_event(call_ended(call_id))

            assert (statuses, ended["state"]) == ([200, 200], "ended")
            assert len(exported_calls(admin, phone)) == 1
            cells.append(_cell(fault, "livekit", pair, statuses, ended["state"]))
        save_cells("flow", f"livekit {fault.name}", cells)

    def test_guest_is_read_anew(
        self, fault: Fault, stack: Stack, vendors: StubClients, operator: ApiClient, names: IdFactory
    ) -> None:
        """Whatever Apaleo says about a reservation, the next question is answered from its present state."""
        cells = []
        for pair in itertools.pairwise(message_descriptions("apaleo")):
            reservation_id, call_id = add_guest(vendors, names), names.call()
            operator.send_event(call_started(call_id, reservation_id=reservation_id))
            before = _ask_for_room(operator, call_id, 1)
            vendors.apaleo.set_provider_state("a reservation", id=reservation_id, unit="MUC-202")

            statuses = deliver_in_order(fault, pair, partial(_deliver_apaleo, stack, vendors, reservation_id))
            details = operator.send_event(call_interaction(call_id, "guest_info_request", second=2))

            assert statuses == [200, 200]
            assert (before, details["outcome"], details["result"]["room"]) == ("101", "done", "202")
            cells.append(_cell(fault, "apaleo", pair, statuses, details["state"]))
        save_cells("flow", f"apaleo {fault.name}", cells)

    def test_lost_agent_is_replaced_once(
        self, fault: Fault, stack: Stack, vendors: StubClients, operator: ApiClient, names: IdFactory
    ) -> None:
        """A caller without an agent gets one more, then a human, whatever reports it; a finished room gets neither."""
        for pair in itertools.pairwise(message_descriptions("livekit")):
            call_id = names.call()
            operator.send_event(call_started(call_id))
            add_participant(vendors, call_id, "caller", "SIP")

            deliver = _livekit_deliveries(stack, vendors, operator, call_id)

            statuses = deliver_in_order(fault, pair, deliver)

            is_finished_first = pair[_order(fault)[0]] == ROOM_FINISHED
            requests = [_requests_about_room(vendors, operation, call_id) for operation in REPLACEMENTS]
            expected = [0, 0] if is_finished_first else [1, 1]
            assert (statuses, requests) == ([200, 200], expected), pair


def _livekit_deliveries(stack: Stack, vendors: StubClients, operator: ApiClient, call_id: str) -> Deliver:
    """Return a function that delivers a message about a call, and waits for the reaction, which follows the response."""
    before = _handled_departures(operator)

    def deliver(description: str) -> httpx.Response:
        response = _deliver_livekit(stack, vendors, call_id, description)
        if description != ROOM_FINISHED:
            wait_until(lambda: _handled_departures(operator) == before + 1, "the departure is handled")
        return response

    return deliver


def _deliver_livekit(stack: Stack, vendors: StubClients, call_id: str, description: str) -> httpx.Response:
    event = json.loads(vendors.livekit.message(description))
    event["room"]["name"], event["id"] = f"call-{call_id}", f"EV_{call_id}_{description}"
    if "participant" in event:
        # all messages about an agent are about the same one
        event["participant"]["sid"] = f"PA_{call_id}"
    # sends whatever the pacts have, so that it exercises none of them
    return post_livekit(stack, json.dumps(event).encode())


def _handled_departures(api: ApiClient) -> float:
    """Return how many departures of agents were handled, whatever the outcome."""
    return sum(
        value for name, value in read_metrics(api).items() if name.startswith("agent_departures_total")
    )


def _deliver_apaleo(
    stack: Stack, vendors: StubClients, reservation_id: str, description: str
) -> httpx.Response:
    event = json.loads(vendors.apaleo.message(description))
    event["id"] = f"{reservation_id}-{description}"
    # Apaleo's test of a subscription is about no entity
    if "data" in event:
        booking_id = reservation_id.rpartition("-")[0]
        event["data"]["entityId"] = booking_id if event["topic"] == "Booking" else reservation_id
    return post_apaleo(stack, json.dumps(event).encode())


def _order(fault: Fault) -> tuple[int, ...]:
    assert isinstance(fault.injection, Delivery)
    return fault.injection.order


def _ask_for_room(operator: ApiClient, call_id: str, second: int) -> str:
    room: str = operator.send_event(call_interaction(call_id, "guest_info_request", second=second))["result"][
        "room"
    ]
    return room


def _requests_about_room(vendors: StubClients, operation: str, call_id: str) -> int:
    bodies = vendors.livekit.bodies(operation)
    return [body[REPLACEMENTS[operation]] for body in bodies].count(f"call-{call_id}")


def _cell(fault: Fault, vendor: str, pair: tuple[str, str], statuses: list[int], state: str) -> Cell:
    facts: dict[str, Any] = {
        "Messages": " and ".join(pair),
        "Statuses": ", ".join(map(str, statuses)),
        "State of the call": state,
    }
    return {
        "matrix": "flow",
        "section": vendor,
        "row": f"webhook: {pair[0]}",
        "request": f"POST /v1/{vendor}/webhook",
        "fault": fault.name,
        "reaction": Reaction.UNAFFECTED,
        "problems": [],
        "facts": facts,
        "log": [],
    }
