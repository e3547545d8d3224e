"""Retries with exponential backoff, by the times at which the stubs received the attempts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, close_circuits
from tests.integration.vendors import StubClient, StubClients

ATTEMPTS = 3
BACKOFF_SECONDS = (0.1, 0.2)
"""The delays before the second and the third attempt, without jitter."""
SAMPLES = 6
RETRY_AFTER_SECONDS = 1


def delays(vendor: StubClient, operation: str) -> list[float]:
    """Return the seconds between each two requests that follow each other."""
    times = sorted(request["received_at"] for request in vendor.requests(operation))
    return [later - earlier for earlier, later in pairwise(times)]


def start_call(operator: ApiClient, names: IdFactory, **metadata: Any) -> dict[str, Any]:
    """Start a call; return the response."""
    return operator.send_event(call_started(names.call(), **metadata))


class TestRetryWithExponentialBackoff:
    """Only requests that can be repeated are repeated, less and less often."""

    def test_delay_doubles_after_each_attempt(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Three attempts, at least 100 ms and then at least 200 ms apart."""
        start_call(operator, names)
        vendors.livekit.inject_fault("status", "CreateRoom", status=503)
        samples: list[list[float]] = []
        for _ in range(SAMPLES):
            before = len(vendors.livekit.requests("CreateRoom"))
            started = start_call(operator, names)
            # an open circuit would reject the next call
            close_circuits(admin)
            assert [warning["code"] for warning in started["warnings"]] == ["LIVEKIT_UNAVAILABLE"]
            samples.append(delays(vendors.livekit, "CreateRoom")[before:])

        assert [len(sample) for sample in samples] == [ATTEMPTS - 1] * SAMPLES
        # the shortest of several, because a busy machine can make any delay longer but none shorter
        shortest = [min(measured) for measured in zip(*samples, strict=True)]
        assert all(delay >= base for delay, base in zip(shortest, BACKOFF_SECONDS, strict=True))
        assert shortest == sorted(shortest)

    def test_success_ends_the_attempts(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The second of three attempts succeeds, and nothing is reported."""
        vendors.livekit.inject_fault("status", "CreateRoom", status=503, times=1)

        started = start_call(operator, names)

        requests = vendors.livekit.requests("CreateRoom")
        assert ([request["status"] for request in requests], started["warnings"]) == ([503, 200], [])

    def test_retry_after_replaces_the_backoff(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """LiveKit asks for a second twice: each retry comes no earlier."""
        vendors.livekit.inject_fault(
            "status", "CreateRoom", status=503, retry_after=RETRY_AFTER_SECONDS, times=2
        )

        started = start_call(operator, names)

        measured = delays(vendors.livekit, "CreateRoom")
        assert (len(measured), started["warnings"]) == (2, [])
        assert min(measured) >= RETRY_AFTER_SECONDS

    def test_client_error_is_not_retried(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A vendor that rejects a request would reject it again."""
        vendors.apaleo.inject_fault("status", "getReservation", status=422)

        start_call(operator, names, reservation_id=add_guest(vendors, names))

        assert len(vendors.apaleo.requests("getReservation")) == 1

    def test_request_with_an_effect_is_not_retried(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The agent would speak a text twice, if only the response was lost."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        spoken = len(vendors.livekit.requests("SendData"))
        vendors.livekit.inject_fault("reset", "SendData")

        response = operator.send_event(call_interaction(call_id, "greeting"))

        assert [warning["code"] for warning in response["warnings"]] == ["LIVEKIT_UNAVAILABLE"]
        assert len(vendors.livekit.requests("SendData")) == spoken + 1
