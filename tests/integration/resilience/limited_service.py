"""A service with low limits of every kind, and clients with addresses of their own."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration.accounts import create_api_key, create_user, login_client
from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.call_events import call_started
from tests.integration.data import PASSWORD
from tests.integration.deployment import require_local_stack
from tests.integration.given_servers import suite_redis
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.redis_control import RedisControl, redis_control
from tests.integration.settings import LENIENT_SETTINGS, RATE_LIMIT
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

IN_PROGRESS = 4
IN_PROGRESS_PER_CLIENT = 3
WAITING = 2
HOLD_SECONDS = 3600
"""Longer than any test: a held request is completed by the test."""
CONNECTIONS_PER_ADDRESS = 20
LIMITED_SETTINGS = {
    **LENIENT_SETTINGS,
    "RATE_LIMIT": str(RATE_LIMIT),
    # the address of the suites' own connections; others, such as 127.0.0.2, are not trusted
    "TRUSTED_PROXIES": "127.0.0.1",
    "MAX_CONNECTIONS_PER_ADDRESS": str(CONNECTIONS_PER_ADDRESS),
    "MAX_CONCURRENT_REQUESTS": str(IN_PROGRESS),
    "MAX_CONCURRENT_REQUESTS_PER_CLIENT": str(IN_PROGRESS_PER_CLIENT),
    "MAX_WAITING_REQUESTS": str(WAITING),
    # longer than any test: nothing is rejected because a machine is slow
    "MAX_WAITING_SECONDS": "3600",
    "VENDOR_DEADLINE": str(HOLD_SECONDS),
}
FIRST, SECOND, THIRD = "198.51.100.1", "198.51.100.2", "198.51.100.3"
"""Addresses of clients behind the trusted proxy."""


@dataclass(frozen=True)
class LimitedService:
    """The service, its stubs, its Redis and its log."""

    stack: Stack
    vendors: StubClients
    redis: RedisControl
    log: Path
    admin: ApiClient
    api_key: str
    _clients: list[ApiClient] = field(default_factory=list)

    def client(self, address: str, headers: dict[str, str] | None = None) -> ApiClient:
        """Return a client behind the trusted proxy."""
        return self._remember(ApiClient(self.stack.url, {"X-Forwarded-For": address, **(headers or {})}))

    def user(self, names: IdFactory) -> ApiClient:
        """Return a new user who has logged in."""
        email = names.email()
        create_user(self.admin, email, PASSWORD, "viewer")
        return self._remember(login_client(self.stack.url, email, PASSWORD))

    def reset(self) -> None:
        """Close all clients, and forget what counts against a limit and what vendors know."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        self.redis.clear_rate_limits()
        for vendor in self.vendors.all.values():
            vendor.reset()

    def log_of(self, response: httpx.Response) -> list[dict[str, Any]]:
        """Return the log lines of a request; the last one is written after the response was sent."""
        correlation_id = response.headers["X-Correlation-ID"]
        lines: list[dict[str, Any]] = []

        def is_complete() -> bool:
            text = self.log.read_text(encoding="utf-8")
            lines[:] = [json.loads(line) for line in text.splitlines() if correlation_id in line]
            return bool(lines) and lines[-1]["event"] == "request"

        wait_until(is_complete, "the request is logged")
        return lines

    def _remember(self, client: ApiClient) -> ApiClient:
        self._clients.append(client)
        return client

    def shed_requests(self) -> float:
        """Return how many requests were rejected because too many were in progress."""
        return self.metrics().get('backpressure_rejections_total{resource="requests"}', 0.0)

    def metrics(self) -> dict[str, float]:
        """Return the value of each series."""
        return read_metrics(self.admin)


@pytest.fixture(scope="module")
def shared_limited_service(
    tmp_path_factory: pytest.TempPathFactory, control: httpx.Client
) -> Iterator[LimitedService]:
    """One service for all classes, because its start takes seconds; its settings are those of all of them."""
    require_local_stack("needs settings of its own")
    folder = tmp_path_factory.mktemp("limited")
    with (
        suite_redis() as redis_url,
        run_stack(folder, {**LIMITED_SETTINGS, "REDIS_URL": redis_url}) as stack,
        redis_control(redis_url) as redis,
    ):
        admin = login_client(stack.url, *ADMIN)
        key = create_api_key(admin, "call:start", "call:end")["key"]
        vendors = StubClients(stack.stub_urls, control)
        yield LimitedService(stack, vendors, redis, folder / "orchestrator.log", admin, key)
        admin.close()


@pytest.fixture
def limited(shared_limited_service: LimitedService) -> Iterator[LimitedService]:
    """The service, of whose limits none is used."""
    shared_limited_service.reset()
    yield shared_limited_service
    shared_limited_service.reset()


class HeldRequest:
    """The start of a call whose room LiveKit does not create until the test completes it.

    Args:
        service: the service it is sent to.
        event: its body.
        address: the client behind the trusted proxy.
    """

    def __init__(self, service: LimitedService, event: dict[str, Any], address: str) -> None:
        self._livekit, self._correlation_id = service.vendors.livekit, event["call_id"]
        self._livekit.inject_fault(
            "delay", "CreateRoom", correlation_id=self._correlation_id, seconds=HOLD_SECONDS
        )
        url = httpx.URL(service.stack.url)
        body = json.dumps(event).encode()
        head = (
            f"POST /webhook/call-event HTTP/1.1\r\nHost: {url.host}\r\nX-API-Key: {service.api_key}\r\n"
            f"X-Correlation-ID: {self._correlation_id}\r\nX-Forwarded-For: {address}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket = socket.create_connection((url.host, url.port), TIMEOUT_SECONDS)
        self._socket.sendall(head.encode() + body)

    def complete(self) -> httpx.Response:
        """Let LiveKit create the room; return the response."""
        self._livekit.clear_faults(self._correlation_id)
        return self.response()

    def response(self) -> httpx.Response:
        """Return the response, which a rejected request gets at once."""
        response = http.client.HTTPResponse(self._socket)
        response.begin()
        content = response.read()
        self._socket.close()
        return httpx.Response(response.status, headers=response.getheaders(), content=content)

    def close(self) -> None:
        """Close the connection, and let the request end."""
        self._socket.close()
        self._livekit.clear_faults(self._correlation_id)


class HeldRequests:
    """Sends held requests, and completes those that are left at the end of the test."""

    def __init__(self, service: LimitedService, names: IdFactory) -> None:
        self._service = service
        self._names = names
        self._all: list[HeldRequest] = []

    def send(self, address: str, count: int, *, in_progress: int, waiting: int) -> list[HeldRequest]:
        """Send requests and wait until so many (of all clients) are in progress and so many wait."""
        held = [
            HeldRequest(self._service, call_started(self._names.call(), self._names.phone()), address)
            for _ in range(count)
        ]
        self._all += held
        self.wait_until(in_progress=in_progress, waiting=waiting)
        return held

    def wait_until(self, *, in_progress: int, waiting: int) -> None:
        """Wait until so many requests are in progress and so many wait."""

        def matches() -> bool:
            metrics = self._service.metrics()
            numbers = (metrics["http_requests_in_progress"], metrics["http_requests_waiting"])
            return numbers == (in_progress, waiting)

        wait_until(matches, f"{in_progress} requests are in progress and {waiting} wait")

    def complete(self, *held: HeldRequest) -> list[int]:
        """Complete requests, one after the other; return their status codes."""
        self._all = [request for request in self._all if request not in held]
        return [request.complete().status_code for request in held]

    def close(self) -> None:
        """Let all requests end by closing their connections."""
        for request in self._all:
            request.close()


@pytest.fixture
def held(limited: LimitedService, names: IdFactory) -> Iterator[HeldRequests]:
    """Held requests, of which none is left after the test."""
    requests = HeldRequests(limited, names)
    yield requests
    requests.close()
    requests.wait_until(in_progress=0, waiting=0)
