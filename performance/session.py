"""What scenarios need of one running service: logins, calls and states of the stub vendors."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import httpx

from local_stack.stack import ADMIN
from performance.http_client import Client, Request, json_request

HOTEL = "MUC"
CALL_EVENT = "/webhook/call-event"
PASSWORD = "a-long-password"  # noqa: S105 - used on loopback only


class Session:
    """A service, logged in as its administrator.

    Args:
        client: sends requests to the service.
        name: prefix of the ids of this service; other services share the stub vendors.
        stub_urls: the base URLs of the stub vendors.
    """

    def __init__(self, client: Client, name: str, stub_urls: Mapping[str, str]) -> None:
        self.client = client
        self._name = name
        self._stub_urls = stub_urls
        self._numbers = itertools.count(1)
        self.token = str(self.log_in()["access_token"])

    def log_in(self, email: str = ADMIN[0]) -> dict[str, Any]:
        """Log in and return the response with the tokens."""
        tokens: dict[str, Any] = self.client.send_json(login_request(email))
        return tokens

    def new_user(self) -> dict[str, Any]:
        """Create a user without any session, log it in, and return the response with its tokens."""
        request = self.user_request()
        self.client.send(request)
        return self.log_in(json.loads(request.body or b"")["email"])

    def user_request(self) -> Request:
        """Return the request that creates another user."""
        user = {"email": f"user-{self.unique()}@hotel.example", "password": PASSWORD, "roles": ["viewer"]}
        return self.json("POST", "/auth/admin/users", user, status=201)

    def unique(self) -> str:
        """Return an id that no other request has."""
        return f"{self._name}-{next(self._numbers)}"

    def number(self) -> int:
        """Return a number that no other request of this service has."""
        return next(self._numbers)

    def json(self, method: str, path: str, body: Any = None, status: int = 200) -> Request:
        """Return a request of the administrator."""
        return json_request(method, path, body, token=self.token, status=status)

    def start_request(self, call_id: str, **metadata: Any) -> Request:
        """Return the request that starts a call."""
        event = {
            "event": "call.started",
            "call_id": call_id,
            "from_number": "+4930000000",
            "to_number": "+498912345678",
            "timestamp": "2027-05-01T10:00:00+02:00",
            "metadata": {"hotel_id": HOTEL, **metadata},
        }
        return self.json("POST", CALL_EVENT, event)

    def start_call(self, **metadata: Any) -> str:
        """Start a call and return its id."""
        call_id = self.unique()
        self.client.send(self.start_request(call_id, **metadata))
        return call_id

    def interaction(self, call_id: str, kind: str, text: str = "", **parameters: Any) -> Request:
        """Return the request of an interaction; each one has another time, hence it is no redelivered event."""
        number = self.number()
        event = {
            "event": "call.interaction",
            "call_id": call_id,
            "interaction_type": kind,
            "guest_input": text,
            "parameters": parameters,
            "timestamp": f"2027-05-01T10:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}+02:00",
        }
        return self.json("POST", CALL_EVENT, event)

    def end_request(self, call_id: str) -> Request:
        """Return the request that ends a call."""
        event = {
            "event": "call.ended",
            "call_id": call_id,
            "duration": 60,
            "timestamp": "2027-05-01T11:00:00+02:00",
        }
        return self.json("POST", CALL_EVENT, event)

    def add_reservation(self, **params: Any) -> str:
        """Let the PMS have another reservation, which is confirmed unless the parameters say otherwise; return its id."""
        reservation_id = f"PERF{self.unique().upper()}-1"
        self.set_vendor_state("apaleo", "a reservation", id=reservation_id, **params)
        return reservation_id

    def set_vendor_state(self, vendor: str, state: str, **params: Any) -> None:
        """Set a provider state of a stub vendor."""
        body = {"state": state, "params": params}
        httpx.post(f"{self._stub_urls[vendor]}/_stub/states", json=body).raise_for_status()


def login_request(email: str = ADMIN[0]) -> Request:
    """Return the request of a login."""
    return json_request("POST", "/auth/login", {"email": email, "password": PASSWORD})
