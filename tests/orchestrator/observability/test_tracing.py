"""Traces are exported to a collector and contain no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from local_stack.stack import ADMIN, run_stack
from tests.integration.accounts import login_client
from tests.integration.call_events import call_started
from tests.integration.settings import LENIENT_SETTINGS

PHONE = "0171-555-0199"


class Collector(ThreadingHTTPServer):
    """Receives spans over OTLP."""

    bodies: list[bytes]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """Store the request body."""
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A running collector."""
    with Collector(("127.0.0.1", 0), _Handler) as server:
        server.bodies = []
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_call_is_one_trace_with_span_per_vendor_call(collector: Collector, tmp_path: Path) -> None:
    """The vendor spans are children of the request's span; none contains a name, number or text, nor the client's id."""
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    with run_stack(tmp_path, {**LENIENT_SETTINGS, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}) as stack:
        api = login_client(stack.url, *ADMIN)
        event = call_started("traced", "+4930123456")
        api.post("/webhook/call-event", event, headers={"X-Correlation-ID": f"call-{PHONE}"})
        api.close()

    spans = [span for body in collector.bodies for span in _parse_spans(body)]
    [request] = [span for span in spans if span.name == "POST /webhook/call-event"]
    children = {span.name for span in spans if span.parent_span_id == request.span_id}
    assert children >= {"livekit CreateRoom", "apaleo reservations", "tts stream", "livekit SendData"}
    ids = [value.value.string_value for value in request.attributes if value.key == "correlation_id"]
    assert ids == ["call-[REDACTED]"]
    personal = (b"+4930123456", b"Good day", PHONE.encode())
    assert not any(word in body for body in collector.bodies for word in personal)


def _parse_spans(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
    ]
