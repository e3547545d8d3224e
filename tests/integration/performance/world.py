"""What the scenarios need of the service and of its vendors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from local_stack.stack import ADMIN, Stack
from tests.integration.accounts import Account, create_api_key, create_user, login_client
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_started
from tests.integration.data import PASSWORD
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest
from tests.integration.vendors import StubClients

EVENTS_PATH = "/webhook/call-event"
UNITS_TO_SELL = 100_000


class World:
    """Creates users, guests and calls.

    Args:
        admin: a client of an administrator.
        vendors: the stubs.
        names: creates unique ids.

    Attributes:
        api_key: the key of a service that is permitted to run calls.
    """

    def __init__(self, admin: ApiClient, vendors: StubClients, names: IdFactory) -> None:
        self.admin = admin
        self.vendors = vendors
        self.names = names
        self._make_units_to_sell()
        self.api_key: str = create_api_key(admin, "call:start", "call:end")["key"]

    def forget(self) -> None:
        """Reset the vendors' state and journals."""
        for vendor in self.vendors.all.values():
            vendor.reset()
        self._make_units_to_sell()

    def _make_units_to_sell(self) -> None:
        # the hotel is never sold out, however many stays are booked
        self.vendors.apaleo.set_provider_state("units to sell", available=UNITS_TO_SELL)

    def request(self, method: str, path: str, **options: Any) -> httpx.Request:
        """Build a request of the administrator."""
        return self.admin.http.build_request(method, path, **options)

    def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request that must succeed."""
        response = self.admin.http.send(request)
        assert response.is_success, f"{request.method} {request.url.path}: {response.text}"
        # what is refused costs less than what is done
        if request.url.path == EVENTS_PATH:
            event = response.json()
            assert (event.get("outcome", "done"), event["warnings"]) == ("done", []), response.text
        return response

    def send_event(self, event: Mapping[str, Any]) -> None:
        """Send a call event that must have its full effect."""
        self.send(self.request("POST", EVENTS_PATH, json=event))

    def add_reservation(self, **reservation: Any) -> str:
        """Add the reservation of a guest whose name nobody has spoken yet; return its id."""
        # by default neither checked in nor left, so that the stay can be changed and cancelled too
        fields = {"status": "Confirmed", "unit": None, **reservation}
        guest = {"lastName": self.names.call(), "preferredLanguage": "en"}
        return add_guest(self.vendors, self.names, guest=guest, **fields)

    def started_event(self, **metadata: Any) -> dict[str, Any]:
        """Return the start of a call, by default of a guest whose name nobody has spoken yet."""
        if "reservation_id" not in metadata:
            metadata["reservation_id"] = self.add_reservation()
        return call_started(self.names.call(), self.names.phone(), **metadata)

    def start_call(self, **reservation: Any) -> str:
        """Start a call of a guest with a reservation, and return its id."""
        event = self.started_event(reservation_id=self.add_reservation(**reservation))
        self.send_event(event)
        return str(event["call_id"])

    def run_whole_call(self) -> str:
        """Run a call from start to end; return the phone number of the caller."""
        event = self.started_event()
        self.send_event(event)
        self.send_event(call_ended(event["call_id"]))
        return str(event["from_number"])

    def create_account(self) -> Account:
        """Create an operator."""
        email = self.names.email()
        create_user(self.admin, email, PASSWORD, "operator")
        return email, PASSWORD

    def log_in(self) -> dict[str, Any]:
        """Return the tokens of a new operator."""
        email, password = self.create_account()
        response = self.send(self.request("POST", "/auth/login", json={"email": email, "password": password}))
        tokens: dict[str, Any] = response.json()
        return tokens

    def create_key(self) -> dict[str, Any]:
        """Create an API key."""
        return create_api_key(self.admin, "call:start")


@contextmanager
def connected_world(stack: Stack, worker: str) -> Iterator[World]:
    """Connect to a stack for the duration of the block."""
    with httpx.Client(timeout=60) as control:
        admin = login_client(stack.url, *ADMIN)
        yield World(admin, StubClients(stack.stub_urls, control), IdFactory(worker))
        admin.close()
