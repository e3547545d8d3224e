"""Backpressure: bounded work, a bounded queue that is fair between clients, and health checks that stay green."""

from __future__ import annotations

import http.client
from contextlib import ExitStack, closing

import httpx

from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.call_events import call_ended, call_started
from tests.integration.ids import IdFactory
from tests.integration.resilience.limited_service import (
    CONNECTIONS_PER_ADDRESS,
    FIRST,
    IN_PROGRESS,
    IN_PROGRESS_PER_CLIENT,
    SECOND,
    THIRD,
    WAITING,
    HeldRequests,
    LimitedService,
)


def service_client(limited: LimitedService, address: str) -> ApiClient:
    """Return a client with the API key that comes from this address."""
    return limited.client(address, {"X-API-Key": limited.api_key})


def fill(held: HeldRequests) -> None:
    """Let the first client use all of its places and the whole queue."""
    held.send(FIRST, IN_PROGRESS_PER_CLIENT, in_progress=IN_PROGRESS_PER_CLIENT, waiting=0)
    held.send(FIRST, WAITING, in_progress=IN_PROGRESS_PER_CLIENT, waiting=WAITING)


class TestBackpressure:
    """More requests at once than the service can do; a held request occupies its place until the test ends it."""

    def test_requests_beyond_the_queue_are_shed(self, limited: LimitedService, held: HeldRequests) -> None:
        """503 at once, in the form of every error, with the time to wait; counted and logged."""
        before = limited.shed_requests()
        fill(held)

        response = service_client(limited, FIRST).post_event(call_ended("shed"))

        error = response.json()["error"]
        assert (response.status_code, error["code"], error["retryable"]) == (503, "SERVICE_UNAVAILABLE", True)
        assert int(response.headers["Retry-After"]) >= 1
        assert response.headers["X-Correlation-ID"] == error["correlation_id"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert limited.shed_requests() - before == 1
        assert [(line["event"], line.get("reason")) for line in limited.log_of(response)] == [
            ("request shed", "queue full"),
            ("request", None),
        ]

    def test_shed_request_has_no_effect(
        self, limited: LimitedService, held: HeldRequests, names: IdFactory
    ) -> None:
        """Neither a vendor nor the rate limit knows of it, and sent again it is handled as new."""
        fill(held)
        call_id = names.call()
        client = service_client(limited, FIRST)
        shed = client.post_event(call_started(call_id, names.phone()))
        correlation_id = shed.headers["X-Correlation-ID"]
        vendor_requests = [
            request
            for vendor in limited.vendors.all.values()
            for request in vendor.journal()
            if request["headers"].get("x-correlation-id") == correlation_id
        ]
        held.close()
        held.wait_until(in_progress=0, waiting=0)

        repeated = client.post_event(call_started(call_id, names.phone()))

        assert (shed.status_code, vendor_requests) == (503, [])
        assert "X-RateLimit-Remaining" not in shed.headers
        assert repeated.status_code == 200, repeated.text

    def test_waiting_requests_are_served_when_others_end(
        self, limited: LimitedService, held: HeldRequests
    ) -> None:
        """Nothing is lost: each admitted or waiting request gets its response."""
        running = held.send(FIRST, IN_PROGRESS_PER_CLIENT, in_progress=IN_PROGRESS_PER_CLIENT, waiting=0)
        waiting = held.send(FIRST, WAITING, in_progress=IN_PROGRESS_PER_CLIENT, waiting=WAITING)
        before = limited.shed_requests()

        statuses = held.complete(*running, *waiting)

        assert statuses == [200] * (IN_PROGRESS_PER_CLIENT + WAITING)
        assert limited.shed_requests() == before

    def test_health_checks_stay_green(self, limited: LimitedService, held: HeldRequests) -> None:
        """They need no place, also if they come from the client that used up all of its own."""
        fill(held)
        held.send(SECOND, 1, in_progress=IN_PROGRESS, waiting=WAITING)

        responses = [
            limited.client(address).get(path)
            for path in ("/healthz", "/readyz", "/metrics")
            for address in (FIRST, THIRD)
        ]

        assert [response.status_code for response in responses] == [200] * 6
        assert responses[0].json()["status"] == "healthy"

    def test_client_that_uses_up_its_places_leaves_room_for_others(
        self, limited: LimitedService, held: HeldRequests
    ) -> None:
        """Another client is served at once, although the first one fills the queue."""
        fill(held)

        first = service_client(limited, FIRST).post_event(call_ended("unknown"))
        second = service_client(limited, SECOND).post_event(call_ended("unknown"))

        assert (first.status_code, second.status_code) == (503, 404)

    def test_queue_that_one_client_fills_has_room_for_others(
        self, limited: LimitedService, held: HeldRequests
    ) -> None:
        """The latest request of the client with most is shed, and the other client is the next to be served."""
        running = held.send(FIRST, IN_PROGRESS_PER_CLIENT, in_progress=IN_PROGRESS_PER_CLIENT, waiting=0)
        [other] = held.send(SECOND, 1, in_progress=IN_PROGRESS, waiting=0)
        waiting = held.send(FIRST, 1, in_progress=IN_PROGRESS, waiting=1)
        waiting += held.send(FIRST, 1, in_progress=IN_PROGRESS, waiting=2)
        before = limited.shed_requests()

        newcomer = held.send(THIRD, 1, in_progress=IN_PROGRESS, waiting=WAITING)
        shed = waiting[1].response()
        served = held.complete(other, *newcomer)

        assert (shed.status_code, limited.shed_requests() - before) == (503, 1)
        assert served == [200, 200]
        held.wait_until(in_progress=IN_PROGRESS_PER_CLIENT, waiting=1)
        assert held.complete(*running, waiting[0]) == [200] * (IN_PROGRESS_PER_CLIENT + 1)

    def test_connections_of_one_address_are_limited(self, limited: LimitedService) -> None:
        """One too many is closed and counted; another address is served, and so are those that are open."""
        before = limited.metrics()["connection_rejections_total"]
        with ExitStack() as connections:
            opened = [
                connections.enter_context(_connect(limited, "127.0.0.2"))
                for _ in range(CONNECTIONS_PER_ADDRESS)
            ]
            statuses = [_get_health(connection) for connection in opened]
            one_too_many = _get_health(connections.enter_context(_connect(limited, "127.0.0.2")))
            other_address = _get_health(connections.enter_context(_connect(limited, "127.0.0.3")))
            still_open = _get_health(opened[0])

        assert statuses == [200] * CONNECTIONS_PER_ADDRESS
        assert (one_too_many, other_address, still_open) == (None, 200, 200)
        assert limited.metrics()["connection_rejections_total"] - before == 1

    def test_client_that_gives_up_frees_its_place(self, limited: LimitedService, held: HeldRequests) -> None:
        """Waiting or in progress: its place is another's as soon as the vendor has responded."""
        fill(held)

        held.close()

        held.wait_until(in_progress=0, waiting=0)
        assert service_client(limited, FIRST).post_event(call_ended("unknown")).status_code == 404


def _connect(limited: LimitedService, address: str) -> closing[http.client.HTTPConnection]:
    url = httpx.URL(limited.stack.url)
    return closing(
        http.client.HTTPConnection(url.host, url.port, TIMEOUT_SECONDS, source_address=(address, 0))
    )


def _get_health(connection: http.client.HTTPConnection) -> int | None:
    """Return the status code, or None if the connection is closed."""
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        response.read()
    except (http.client.RemoteDisconnected, ConnectionError):
        return None
    return response.status
