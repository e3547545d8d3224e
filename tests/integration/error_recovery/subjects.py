"""Calls of guests who differ in nothing but their ids, so that what happens to them can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx

from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import ARRIVAL
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients

FIRST_ARRIVAL = ARRIVAL + timedelta(days=700)
"""After every date that occurs otherwise, so that replacing it changes nothing else."""
UNLIMITED_UNITS = 10_000
ALL_STATUSES = "Confirmed,InHouse,CheckedOut,Canceled,NoShow"
ROOM_OPERATIONS = {"CreateRoom", "DeleteRoom", "StartRoomCompositeEgress", "TransferSIPParticipant"}
"""The operations that change a room, or what is recorded of it."""
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "cancellation_request": {"confirmed": True},
    "room_service_request": {"service": "breakfast"},
    "check_in_request": {"confirmed": True},
    "check_out_request": {"confirmed": True},
    "recording_consent": {"confirmed": True},
}
"""What an interaction needs besides dates and a name to be carried out at once."""
STAYS: Mapping[str, Mapping[str, Any]] = {
    "check_in_request": {"ahead": 0},
    "check_out_request": {"status": "InHouse", "unit": "MUC-101", "ahead": -2, "due": 0.0},
}
"""The stay that an interaction needs, other than a future one."""


@dataclass(frozen=True)
class Subject:
    """A guest with a reservation, and the call in which one event is tested.

    Attributes:
        kind: `call.started`, `call.ended`, or the type of an interaction.
        arrival: the first day of a stay that no other subject books.
    """

    kind: str
    call_id: str
    phone: str
    reservation_id: str
    last_name: str
    arrival: date

    @property
    def event(self) -> dict[str, Any]:
        """The event that is tested."""
        if self.kind == "call.started":
            return self.start
        if self.kind == "call.ended":
            return self.end
        parameters = {
            "last_name": self.last_name,
            "arrival": str(self.arrival),
            "departure": str(self.arrival + timedelta(days=2)),
        }
        event = call_interaction(self.call_id, self.kind)
        return event | {"parameters": {**parameters, **PARAMETERS.get(self.kind, {})}}

    @property
    def start(self) -> dict[str, Any]:
        """The event that starts the call."""
        return call_started(self.call_id, self.phone, reservation_id=self.reservation_id)

    @property
    def end(self) -> dict[str, Any]:
        """The event that ends the call."""
        return call_ended(self.call_id)

    def normalize(self, text: str) -> str:
        """Return a text with the subject's own ids and dates replaced, so that it can be compared."""
        departure = self.arrival + timedelta(days=2)
        own = {
            self.call_id: "CALL",
            self.phone: "PHONE",
            self.reservation_id: "RESERVATION",
            self.last_name: "GUEST",
            str(self.arrival): "ARRIVAL",
            str(departure): "DEPARTURE",
            # as the guest hears them
            f"{self.arrival:%-d %B %Y}": "ARRIVAL",
            f"{departure:%-d %B %Y}": "DEPARTURE",
        }
        for value, placeholder in own.items():
            text = text.replace(value, placeholder)
        # every guest gets another room
        text = re.sub(r"(room is |\"(?:room|unit)\": \")(?:MUC-)?\d+", r"\1ROOM", text)
        return re.sub(r"BOOK\d+-1", "NEW RESERVATION", text)


class SubjectFactory:
    """Creates subjects, each with a reservation at Apaleo."""

    def __init__(self, vendors: StubClients, names: IdFactory) -> None:
        self._vendors = vendors
        self._names = names
        self._count = 0
        # every guest gets a room, so that offers do not depend on the order of the cases
        vendors.apaleo.set_provider_state("units to sell", available=UNLIMITED_UNITS)
        vendors.livekit.set_provider_state("an egress worker")

    def create(self, kind: str) -> Subject:
        """Create a guest who has a reservation, which is a confirmed one if the event needs no other."""
        self._count += 1
        reservation_id = self._names.reservation()
        subject = Subject(
            kind=kind,
            call_id=self._names.call(),
            phone=self._names.phone(),
            reservation_id=reservation_id,
            last_name=f"Guest{reservation_id[:-2]}",
            arrival=FIRST_ARRIVAL + timedelta(days=3 * self._count),
        )
        guest = {"lastName": subject.last_name, "preferredLanguage": "en"}
        stay = STAYS.get(kind, {})
        self._vendors.apaleo.set_provider_state("a reservation", id=reservation_id, guest=guest, **stay)
        return subject

    def put_caller_into_room(self, subject: Subject) -> None:
        """Let the caller join the room of the call by telephone."""
        self._vendors.livekit.set_provider_state(
            "a participant in a room",
            room=f"call-{subject.call_id}",
            identity="caller",
            kind="SIP",
            attributes={"sip.phoneNumber": subject.phone, "sip.callID": "SCL_1"},
        )


PAGE_SIZE = 200
"""The largest that Apaleo allows."""


class HotelView:
    """Reads what the vendors know of a subject, over their own APIs.

    Args:
        vendors: the stub vendors.
        http: an HTTP client.
    """

    def __init__(self, vendors: StubClients, http: httpx.Client) -> None:
        self._vendors = vendors
        self._http = http
        state = {"state": "an access token", "params": {}}
        response = http.post(f"{vendors.apaleo.url}/_stub/states", json=state)
        assert response.is_success, response.text
        self._headers = {"Authorization": f"Bearer {response.json()['token']}"}

    def reservation_ids(self) -> dict[str, list[str]]:
        """Return the ids of the reservations of each last name, from one look at the whole hotel."""
        ids: dict[str, list[str]] = {}
        for item in self._all_reservations():
            ids.setdefault(_last_name(item), []).append(item["id"])
        return ids

    def reservations(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return stay, status, room and services of reservations."""
        paths = [f"/booking/v1/reservations/{reservation_id}" for reservation_id in ids]
        reservations = [self._get(path, {"expand": "booker,services"}) for path in paths]
        return [
            {name: item[name] for name in ("id", "status", "adults")}
            | {"unit": item["unit"]["id"] if "unit" in item else None}
            # without the offset, which depends on the season
            | {name: item[name][:10] for name in ("arrival", "departure")}
            | {
                "services": {
                    service["service"]["id"]: service["dates"] for service in item.get("services", ())
                }
            }
            for item in reservations
        ]

    def rooms(self) -> dict[str, list[str]]:
        """Return the operations that changed each room, each once: creating or closing a room twice changes nothing."""
        operations: dict[str, list[str]] = {}
        for request in self._vendors.livekit.requests():
            if request["operation"] in ROOM_OPERATIONS:
                body = httpx.Response(200, content=request["body"]).json()
                changes = operations.setdefault(body.get("name") or body.get("room") or body["room_name"], [])
                if request["operation"] not in changes:
                    changes.append(request["operation"])
        return operations

    def _all_reservations(self) -> Iterator[dict[str, Any]]:
        """Yield all reservations of the hotel, read with the service's own parameters, which the pact describes."""
        query = {"propertyIds": "MUC", "status": ALL_STATUSES, "pageSize": PAGE_SIZE}
        for number in count(1):
            page = self._get("/booking/v1/reservations", {**query, "pageNumber": number})
            yield from page["reservations"]
            if number * PAGE_SIZE >= page["count"]:
                return

    def _get(self, path: str, query: Mapping[str, Any]) -> Any:
        response = self._http.get(f"{self._vendors.apaleo.url}{path}", params=query, headers=self._headers)
        assert response.is_success, f"GET {path}: {response.status_code} {response.text}"
        return response.json()


def _last_name(reservation: Mapping[str, Any]) -> str:
    guest: Mapping[str, Any] = reservation.get("primaryGuest") or reservation.get("booker") or {}
    return str(guest.get("lastName"))
