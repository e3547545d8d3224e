"""OpenTelemetry spans of requests and vendor calls, when there is somewhere to send them.

Spans are named by routes and operations of ours and hold no address and no text, so no personal data can be in one.
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

from orchestrator.observability.correlation import correlation_id
from orchestrator.settings.service import ServiceSettings

SERVICE_NAME = "voicehive-orchestrator"


class Tracing:
    """Makes spans, or nothing when no receiver is set.

    Args:
        settings: with `otel_exporter_otlp_endpoint`, as `http://collector:4318`.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        endpoint = settings.otel_exporter_otlp_endpoint
        self._provider = _provider(str(endpoint)) if endpoint else None
        self._tracer = self._provider.get_tracer(SERVICE_NAME) if self._provider else None

    @contextmanager
    def request_span(self) -> Iterator[Span | None]:
        """A span around a request; whoever serves it names it in the end."""
        if self._tracer is None:
            yield None
            return
        attributes = {"correlation_id": correlation_id.get()}
        with self._tracer.start_as_current_span("request", attributes=attributes) as span:
            yield span

    def record_vendor_span(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """A span of a vendor call that has just ended."""
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
        """Send what is left."""
        if self._provider:
            self._provider.shutdown()


def _provider(endpoint: str) -> TracerProvider:
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE_NAME}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5))
    )
    return provider
