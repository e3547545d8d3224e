"""Whole calls for the flow matrix: one flow for each interaction type of the service's API document."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import DATES
from tests.integration.ids import IdFactory
from tests.integration.resilience.flow_follow_ups import FollowUps
from tests.integration.resilience.flow_pms import Pms

PARAMETERS = {**DATES, "adults": 2, "last_name": "Beispiel", "service": "breakfast", "confirmed": True}
"""Every parameter that any interaction needs; each reads its own."""
UNITS = 10_000
TTS_CHARACTERS = 100_000
"""More than the calls between two calls of `clear` speak."""
TRANSFERRING = {"transferring": True}
"""The result of an interaction that has a follow-up."""
CONCURRENT_EVENTS = 8
"""Events that are handled at the same time, besides those that wait for a deadline."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The call of a guest with one interaction."""

    interaction_type: str
    stay: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventResponse:
    """The service's response to one event."""

    name: str
    correlation_id: str
    status: int
    body: Mapping[str, Any]
    seconds: float

    @property
    def warned_vendors(self) -> set[str]:
        """The dependencies that the caller is warned about."""
        return {warning["vendor"] for warning in self.body.get("warnings", ())}


@dataclass(slots=True)
class PhoneCall:
    """One call, and the responses to its events.

    Attributes:
        waiting_event: the number of the event that waits for a deadline, if any.
    """

    call_id: str
    phone: str
    last_name: str
    reservation_id: str
    flow: Flow
    events: list[dict[str, Any]]
    responses: list[EventResponse] = field(default_factory=list)
    waiting_event: int | None = None

    def correlation_id(self, index: int) -> str:
        """Return the correlation id of an event, by which its vendor requests are recognized."""
        return f"{self.call_id}.{index}"


class FlowCaller:
    """Runs calls against the service.

    Args:
        service: an authenticated client of the service.
        stubs: the base URL of each stub.
        control: a client for the stubs' control API.
        pms: the property management system of the hotel.
        names: creates ids.
        follow_ups: knows when a transfer is over.
    """

    def __init__(
        self,
        service: httpx.AsyncClient,
        stubs: Mapping[str, str],
        control: httpx.AsyncClient,
        pms: Pms,
        names: IdFactory,
        follow_ups: FollowUps,
    ) -> None:
        self.pms = pms
        self._service, self._stubs, self._control, self._names = service, stubs, control, names
        self._follow_ups = follow_ups
        # many events wait for their deadline at the same time; those after them must not share the processor in the end
        self._slots = asyncio.Semaphore(CONCURRENT_EVENTS)

    async def interaction_types(self) -> list[str]:
        """Return the interaction types of the service's API document that the PMS serves."""
        document = (await self._service.get("/openapi.json")).json()
        types: list[str] = document["components"]["schemas"]["InteractionType"]["enum"]
        return [name for name in types if self.pms.serves(name)]

    async def prepare(self, flow: Flow) -> PhoneCall:
        """Return a call that has not started, of a guest whose greeting was never synthesized."""
        call_id, phone = self._names.call(), self._names.phone()
        reservation_id = self.pms.reservation_id(self._names.reservation())
        last_name = f"Muster{call_id[-8:]}"
        params = self.pms.reservation(reservation_id, last_name, flow.stay)
        await self._set_state(self.pms.vendor, "a reservation", **params)
        events = [
            call_started(call_id, phone, reservation_id=reservation_id, hotel_id=self.pms.hotel_id),
            call_interaction(call_id, flow.interaction_type, **PARAMETERS),
            call_ended(call_id),
        ]
        return PhoneCall(call_id, phone, last_name, reservation_id, flow, events)

    async def run(self, call: PhoneCall) -> PhoneCall:
        """Send all events, with the caller on a telephone line."""
        for index, event in enumerate(call.events):
            async with nullcontext() if index == call.waiting_event else self._slots:
                call.responses.append(await self._send(event, call.correlation_id(index)))
            if index == 0:
                await self._join_by_telephone(call)
            # the room closes with the call, and a transfer without a room is another case
            if call.responses[index].body.get("result") == TRANSFERRING:
                await self._follow_ups.wait_for_transfer(call.correlation_id(index))
        return call

    async def recorded_calls(self, call: PhoneCall) -> list[dict[str, Any]]:
        """Return the call records of the caller's number."""
        response = await self._service.get(f"/gdpr/export/{call.phone}")
        assert response.is_success, response.text
        calls: list[dict[str, Any]] = response.json()["calls"]
        return calls

    async def requests(self, vendor: str) -> list[dict[str, Any]]:
        """Return the requests that a stub got."""
        requests: list[dict[str, Any]] = (
            await self._control.get(f"{self._stubs[vendor]}/_stub/requests")
        ).json()
        return requests

    async def inject(self, vendor: str, rule: Mapping[str, Any]) -> None:
        """Inject a fault of the stub's control API."""
        (await self._control.post(f"{self._stubs[vendor]}/_stub/faults", json=rule)).raise_for_status()

    async def open_hotel(self) -> None:
        """Give the hotel a unit for every call, and a recorder."""
        await self._set_state(self.pms.vendor, self.pms.units_state, available=UNITS)
        await self._set_state("livekit", "an egress worker")

    async def clear(self) -> None:
        """Delete the faults and the recorded requests of every stub, and restore the quota of the TTS account."""
        for url in self._stubs.values():
            # not the state: bookings would get the numbers of earlier ones, whose confirmation is spoken from the cache
            for resource in ("faults", "requests"):
                (await self._control.delete(f"{url}/_stub/{resource}")).raise_for_status()
        await self._set_state("tts", "a quota", remaining=TTS_CHARACTERS)

    async def _send(self, event: Mapping[str, Any], correlation_id: str) -> EventResponse:
        started = time.monotonic()
        headers = {"X-Correlation-ID": correlation_id}
        response = await self._service.post("/webhook/call-event", json=event, headers=headers)
        seconds = time.monotonic() - started
        name = event.get("interaction_type", event["event"])
        return EventResponse(name, correlation_id, response.status_code, response.json(), seconds)

    async def _join_by_telephone(self, call: PhoneCall) -> None:
        attributes = {"sip.phoneNumber": call.phone, "sip.callID": "SCL_1"}
        room = f"call-{call.call_id}"
        await self._set_state(
            "livekit",
            "a participant in a room",
            room=room,
            identity="caller",
            kind="SIP",
            attributes=attributes,
        )

    async def _set_state(self, vendor: str, state: str, /, **params: Any) -> None:
        body = {"state": state, "params": params}
        (await self._control.post(f"{self._stubs[vendor]}/_stub/states", json=body)).raise_for_status()
