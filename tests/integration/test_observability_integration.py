"""Logs, metrics and correlation ids of the running service."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.failure_report import LOG_FOLDER, log_lines
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

PHONE = "0171-555-0199"
HEADER = "X-Correlation-ID"
ReadLog = Callable[[], str]


def read_lines_after(log: str, read_log: ReadLog, correlation_id: str, requests: int) -> list[dict[str, Any]]:
    """The log lines that were written after `log` was read, with those of all requests that have this id.

    The line of a request is written after its response was sent.
    """

    def read() -> list[dict[str, Any]]:
        # without a line that is just being written
        complete, _, _ = read_log()[len(log) :].rpartition("\n")
        return [json.loads(line) for line in complete.splitlines()]

    def is_complete() -> bool:
        ids = [line.get("correlation_id") for line in read() if line["event"] == "request"]
        return ids.count(correlation_id) == requests

    wait_until(is_complete, f"{requests} requests with the id {correlation_id} are logged")
    return read()


def metric_value(client: ApiClient, name: str, **labels: str) -> float:
    """The value of a series, summed over the other labels."""
    series = [
        line.rsplit(" ", 1)
        for line in client.get("/metrics").text.splitlines()
        if line.startswith(f"{name}{{")
    ]
    label_filters = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(float(value) for key, value in series if all(label in key for label in label_filters))


class TestCorrelationId:
    """The id of a request is echoed as sent, and redacted everywhere else."""

    def test_every_log_line_of_request_has_its_id(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        service_log: ReadLog,
        pytestconfig: pytest.Config,
    ) -> None:
        """Including the warnings about a vendor that does not respond, and rejected requests; reports find them by it."""
        vendors.livekit.inject_fault("status", status=503)
        call_id, before = names.call(), service_log()

        for event in (call_started(call_id), call_interaction(call_id, "greeting"), {"event": "unknown"}):
            operator.post("/webhook/call-event", event, headers={HEADER: call_id})

        # a line of the request before this test may come now too
        lines = read_lines_after(before, service_log, call_id, requests=3)
        own = {line["event"] for line in lines if line.get("correlation_id") == call_id}
        assert [line for line in lines if line.get("correlation_id") is None] == []
        assert own >= {"request", "call_degraded", "vendor_call_failed"}
        assert len(log_lines(pytestconfig.stash[LOG_FOLDER], [call_id])) >= len(own)

    def test_id_with_phone_number_is_redacted_in_logs_and_for_vendors(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, service_log: ReadLog
    ) -> None:
        """The client still gets its own id back, in the header and in an error."""
        before, sent = service_log(), f"call-{PHONE}"

        started = operator.post("/webhook/call-event", call_started(names.call()), headers={HEADER: sent})
        error = operator.get("/nowhere", headers={HEADER: sent})

        assert started.headers[HEADER] == error.headers[HEADER] == sent
        assert error.json()["error"]["correlation_id"] == sent
        lines = read_lines_after(before, service_log, "call-[REDACTED]", requests=2)
        assert PHONE not in json.dumps(lines)
        requests = vendors.livekit.requests("CreateRoom")
        assert [request["headers"][HEADER.lower()] for request in requests] == ["call-[REDACTED]"]


class TestVendorMetrics:
    """The outcome of vendor calls and the state of circuit breakers."""

    def test_outcome_of_vendor_call_is_counted(
        self, anonymous: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A success and a failure are counted apart."""

        def totals() -> list[float]:
            return [
                metric_value(
                    anonymous,
                    "vendor_requests_total",
                    vendor="livekit",
                    operation="CreateRoom",
                    outcome=outcome,
                )
                for outcome in ("success", "VendorUnavailable")
            ]

        before = totals()
        operator.send_event(call_started(names.call()))
        after_success = totals()
        vendors.livekit.inject_fault("status", "CreateRoom", status=503)
        operator.send_event(call_started(names.call()))
        after_failure = totals()

        assert after_success == [before[0] + 1, before[1]]
        assert after_failure == [before[0] + 1, before[1] + 1]

    def test_gauge_shows_state_of_circuit_breaker(
        self,
        admin: ApiClient,
        anonymous: ApiClient,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
    ) -> None:
        """0 is closed, 2 is open."""
        closed = metric_value(anonymous, "circuit_breaker_state", vendor="apaleo")
        vendors.apaleo.inject_fault("status", status=503)
        for _ in range(3):
            operator.send_event(call_started(names.call(), reservation_id=names.reservation()))
        opened = metric_value(anonymous, "circuit_breaker_state", vendor="apaleo")
        vendors.apaleo.clear_faults()
        admin.post("/resilience/circuit-breakers/apaleo/reset")

        assert (closed, opened) == (0.0, 2.0)
        assert metric_value(anonymous, "circuit_breaker_state", vendor="apaleo") == 0.0

    def test_pms_cache_reads_are_counted(
        self, anonymous: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The first read of a reservation is a miss, the second a hit."""

        def totals() -> list[float]:
            return [
                metric_value(anonymous, "pms_cache_reads_total", outcome=outcome)
                for outcome in ("hit", "miss")
            ]

        reservation_id = names.reservation()
        vendors.apaleo.set_provider_state("a reservation", id=reservation_id)
        before = totals()
        for _ in range(2):
            call_id = names.call()
            operator.send_event(call_started(call_id, reservation_id=reservation_id))
            operator.send_event(call_ended(call_id))

        assert totals() == [before[0] + 1, before[1] + 1]


class TestLiveKitWebhookSignature:
    """Only LiveKit can send LiveKit's events."""

    @pytest.mark.parametrize(
        ("secret", "signed_body", "status"),
        [
            (API_SECRET, None, 200),
            ("another-secret-that-is-long-enough-for-hs256", None, 401),
            (API_SECRET, b"{}", 401),
        ],
        ids=["valid", "other secret", "other body"],
    )
    def test_signature_is_verified(
        self, anonymous: ApiClient, names: IdFactory, secret: str, signed_body: bytes | None, status: int
    ) -> None:
        """A token signed with another secret, or over another body, is rejected."""
        body = json.dumps(
            {
                "event": "room_started",
                "id": f"EV_{names.call()}",
                "createdAt": "1795447149",
                "room": {"sid": "RM_1", "name": names.call()},
            }
        ).encode()
        digest = base64.b64encode(hashlib.sha256(signed_body or body).digest()).decode()
        claims = {"iss": API_KEY, "exp": int(time.time()) + 300, "sha256": digest}
        token = jwt.encode(claims, secret, algorithm="HS256")

        response = anonymous.http.post(
            "/v1/livekit/webhook",
            content=body,
            headers={"Authorization": token, "Content-Type": "application/webhook+json"},
        )

        assert response.status_code == status
