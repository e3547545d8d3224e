"""OpenTelemetry spans of requests and vendor calls, if a collector is configured.

Spans are named after routes and client operations and contain no URL and no text, hence no personal data.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode

from orchestrator.observability.correlation import safe_correlation_id

SERVICE_NAME = "voicehive-orchestrator"


class Tracing:
    """Records spans and exports them over OTLP; does nothing without a collector.

    Args:
        endpoint: the URL of the collector, such as `http://collector:4318`, or None.
    """

    def __init__(self, endpoint: str | None) -> None:
        self._provider = _create_provider(endpoint) if endpoint else None
        self._tracer = self._provider.get_tracer(SERVICE_NAME) if self._provider else None

    @contextmanager
    def request_span(self) -> Iterator[Span | None]:
        """Record a span around a request; the caller renames it once the route is known."""
        if self._tracer is None:
            yield None
            return
        attributes = {"correlation_id": safe_correlation_id()}
        with self._tracer.start_as_current_span("request", attributes=attributes) as span:
            yield span

    def record_vendor_span(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Record a span of a vendor call that has just ended."""
        if self._tracer is None:
            return
        now = time.time_ns()
        span = self._tracer.start_span(
            f"{vendor} {operation}",
            start_time=now - round(seconds * 1e9),
            attributes={"vendor": vendor, "outcome": outcome},
        )
        if outcome != "success":
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)

    def shutdown(self) -> None:
        """Export the remaining spans."""
        if self._provider:
            self._provider.shutdown()


def _create_provider(endpoint: str) -> TracerProvider:
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE_NAME}))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    # exports in a thread of its own, so that a slow collector delays no request
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
