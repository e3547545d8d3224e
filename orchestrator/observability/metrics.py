"""Prometheus metrics. Labels have a bounded number of values: they never contain what a client sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
CIRCUIT_STATE_VALUES = {"closed": 0, "half_open": 1, "open": 2}


class Metrics:
    """All metrics of one service, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "http_requests_total",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "http_request_duration_seconds",
            "Duration of requests.",
            ["method", "route"],
            registry=self.registry,
        )
        self.calls = Counter("call_total", "Ended calls by outcome.", ["outcome"], registry=self.registry)
        self.calls_active = Gauge("call_active", "Calls in progress.", registry=self.registry)
        self.call_seconds = Histogram(
            "call_duration_seconds",
            "Duration of calls.",
            buckets=(10, 30, 60, 120, 300, 600, 1800),
            registry=self.registry,
        )
        self.interactions = Counter(
            "call_interaction_total",
            "Interactions by type and outcome.",
            ["type", "outcome"],
            registry=self.registry,
        )
        self.vendor_requests = Counter(
            "vendor_requests_total",
            "Calls of vendor operations by outcome.",
            ["vendor", "operation", "outcome"],
            registry=self.registry,
        )
        self.vendor_seconds = Histogram(
            "vendor_request_duration_seconds",
            "Duration of vendor operations, retries included.",
            ["vendor", "operation"],
            registry=self.registry,
        )
        self.circuits = Gauge(
            "circuit_breaker_state",
            "State of the circuit breaker: 0 closed, 1 half-open, 2 open.",
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
        self.log_write_errors = Counter(
            "log_write_errors_total", "Log lines that could not be written.", registry=self.registry
        )

    def observe_vendor_call(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Count a call of a vendor operation and record its duration in seconds."""
        self.vendor_requests.labels(vendor, operation, outcome).inc()
        self.vendor_seconds.labels(vendor, operation).observe(seconds)

    def register_pms_cache(self, read_totals: Callable[[], Mapping[str, int]]) -> None:
        """Expose the cache's totals of reads by outcome as `pms_cache_reads_total`."""
        self.registry.register(_PmsCacheCollector(read_totals))

    def render(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


class _PmsCacheCollector(Collector):
    """Reads the totals when Prometheus scrapes, so that the cache does not depend on metrics."""

    def __init__(self, read_totals: Callable[[], Mapping[str, int]]) -> None:
        self._read_totals = read_totals

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Give the totals by outcome."""
        reads = CounterMetricFamily("pms_cache_reads", "Reads of PMS data by outcome.", labels=["outcome"])
        for outcome, total in self._read_totals().items():
            reads.add_metric([outcome], total)
        yield reads
