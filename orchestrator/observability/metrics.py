"""Prometheus metrics. Labels are bounded: routes and names of ours, never what a caller sent."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
CIRCUIT_STATE_VALUES = {"closed": 0, "half_open": 1, "open": 2}


class Metrics:
    """All of one service's metrics, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "http_requests_total", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "http_request_duration_seconds", "Time to answer.", ["method", "route"], registry=self.registry
        )
        self.calls = Counter("call_total", "Calls by how they went.", ["outcome"], registry=self.registry)
        self.calls_active = Gauge("call_active", "Calls that have not ended.", registry=self.registry)
        self.call_seconds = Histogram(
            "call_duration_seconds",
            "How long calls last.",
            buckets=(10, 30, 60, 120, 300, 600, 1800),
            registry=self.registry,
        )
        self.interactions = Counter(
            "call_interaction_total", "Guests' wishes.", ["type", "outcome"], registry=self.registry
        )
        self.vendor_requests = Counter(
            "vendor_requests_total",
            "Calls to vendors.",
            ["vendor", "operation", "outcome"],
            registry=self.registry,
        )
        self.vendor_seconds = Histogram(
            "vendor_request_duration_seconds",
            "Time vendors take, retries included.",
            ["vendor", "operation"],
            registry=self.registry,
        )
        self.circuits = Gauge(
            "circuit_breaker_state",
            "0 closed, 1 half-open, 2 open.",
            ["vendor"],
            registry=self.registry,
        )
        self.rate_limit_rejections = Counter(
            "rate_limit_rejections_total", "Requests rejected with 429.", ["route"], registry=self.registry
        )
        self.backpressure_rejections = Counter(
            "backpressure_rejections_total",
            "Vendor calls rejected because too many were waiting.",
            ["vendor"],
            registry=self.registry,
        )
        self.cache = Gauge("pms_cache", "Reads by how they went.", ["outcome"], registry=self.registry)

    def observe_vendor_call(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Count a call to a vendor."""
        self.vendor_requests.labels(vendor, operation, outcome).inc()
        self.vendor_seconds.labels(vendor, operation).observe(seconds)

    def render(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self.registry)
