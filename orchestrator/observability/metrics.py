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
# the library's default buckets end at 10 s, and phone calls last minutes
CALL_SECONDS_BUCKETS = (10, 30, 60, 120, 300, 600, 1800)
CIRCUIT_STATE_VALUES = {"closed": 0, "half_open": 1, "open": 2}


class Metrics:
    """All metrics of one service, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # prometheus_client has no annotation here
        # not the global registry, in which a second app of the process could not register the same names
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._request_children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._vendor_children: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._init_request_metrics()
        self._init_call_metrics()
        self._init_vendor_metrics()
        self._init_speech_metrics()
        self._init_infrastructure_metrics()

    def _init_request_metrics(self) -> None:
        self.requests = self._counter(
            "http_requests_total", "Requests by method, route and status.", "method", "route", "status"
        )
        self.request_seconds = self._histogram(
            "http_request_duration_seconds", "Duration of requests.", "method", "route"
        )
        self.rate_limit_rejections = self._counter(
            "rate_limit_rejections_total", "Requests rejected with 429.", "route"
        )
        self.connection_rejections = self._counter(
            "connection_rejections_total", "Connections closed because their address has too many."
        )

    def _init_call_metrics(self) -> None:
        self.calls = self._counter("call_total", "Ended calls by outcome.", "outcome")
        self.calls_active = Gauge("call_active", "Calls in progress.", registry=self.registry)
        self.call_seconds = self._histogram(
            "call_duration_seconds", "Duration of calls.", buckets=CALL_SECONDS_BUCKETS
        )
        self.interactions = self._counter(
            "call_interaction_total", "Interactions by type and outcome.", "type", "outcome"
        )
        self.outbound_calls = self._counter(
            "outbound_calls_total",
            "Wake-up calls and call-backs that are over, by outcome.",
            "kind",
            "outcome",
        )
        self.agent_departures = self._counter(
            "agent_departures_total", "Voice agents that left a call before its end, by outcome.", "outcome"
        )
        self.agent_arrivals = self._counter(
            "agent_arrivals_total", "Calls that a voice agent was dispatched to, by outcome.", "outcome"
        )
        self.transfers = self._counter(
            "call_transfers_total", "Transfers to the staff that are over, by outcome.", "outcome"
        )

    def _init_infrastructure_metrics(self) -> None:
        self.alerts = self._counter("alerts_total", "Deliveries of alerts by outcome.", "channel", "outcome")
        self.vault_reads = self._counter(
            "vault_secret_reads_total", "Reads of the secret in Vault by outcome.", "outcome"
        )
        self.log_write_errors = self._counter(
            "log_write_errors_total", "Log lines that could not be written."
        )

    def _init_vendor_metrics(self) -> None:
        labels = ("vendor", "operation")
        self.vendor_requests = self._counter(
            "vendor_requests_total", "Calls of vendor operations by outcome.", *labels, "outcome"
        )
        self.vendor_seconds = self._histogram(
            "vendor_request_duration_seconds", "Duration of vendor operations, retries included.", *labels
        )
        self.circuits = Gauge(
            "circuit_breaker_state",
            "State of a vendor's worst circuit breaker: 0 closed, 1 half-open, 2 open.",
            ["vendor"],
            registry=self.registry,
        )
        self.circuit_groups = Gauge(
            "circuit_breaker_group_state",
            "State of the circuit breaker of a group of operations: 0 closed, 1 half-open, 2 open.",
            ["vendor", "group"],
            registry=self.registry,
        )
        self.backpressure_rejections = self._counter(
            "backpressure_rejections_total",
            "Rejections because too many were waiting: calls of a vendor, or `requests` of clients.",
            "resource",
        )

    def _init_speech_metrics(self) -> None:
        self.tts_characters_remaining = Gauge(
            "tts_characters_remaining",
            "Characters left of the TTS vendor's plan; not a number until they are known.",
            registry=self.registry,
        )
        self.tts_characters_remaining.set(float("nan"))
        self.voice_fallbacks = self._counter(
            "tts_voice_fallbacks_total",
            "Configured voices that another one replaces, by the reason: unknown or plan.",
            "reason",
        )

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(name, description, labels, registry=self.registry)

    def _histogram(
        self,
        name: str,
        description: str,
        *labels: str,
        buckets: tuple[float, ...] = Histogram.DEFAULT_BUCKETS,
    ) -> Histogram:
        return Histogram(name, description, labels, buckets=buckets, registry=self.registry)

    def observe_vendor_call(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Count a call of a vendor operation and record its duration in seconds."""
        key = vendor, operation, outcome
        if key not in self._vendor_children:
            # `labels` takes longer than to count
            self._vendor_children[key] = (
                self.vendor_requests.labels(*key),
                self.vendor_seconds.labels(vendor, operation),
            )
        requests, durations = self._vendor_children[key]
        requests.inc()
        durations.observe(seconds)

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and record its duration in seconds."""
        key = method, route, status
        if key not in self._request_children:
            self._request_children[key] = (
                self.requests.labels(*key),
                self.request_seconds.labels(method, route),
            )
        requests, durations = self._request_children[key]
        requests.inc()
        durations.observe(seconds)

    def set_circuit_states(self, vendor: str, state: str, groups: Mapping[str, str]) -> None:
        """Set the state of a vendor's circuit breakers: the worst one, and that of each group."""
        self.circuits.labels(vendor).set(CIRCUIT_STATE_VALUES[state])
        for group, group_state in groups.items():
            self.circuit_groups.labels(vendor, group).set(CIRCUIT_STATE_VALUES[group_state])

    def register_pms_cache(self, read_totals: Callable[[], Mapping[str, int]]) -> None:
        """Expose the cache's totals of reads by outcome as `pms_cache_reads_total`."""
        self.registry.register(_PmsCacheCollector(read_totals))

    def register_admission(self, in_progress: Callable[[], float], waiting: Callable[[], float]) -> None:
        """Expose how many requests are served and how many wait for that; health checks are not included."""
        for name, description, read in (
            ("http_requests_in_progress", "Requests that are served.", in_progress),
            ("http_requests_waiting", "Requests that wait until others have ended.", waiting),
        ):
            Gauge(name, description, registry=self.registry).set_function(read)

    def register_vault(self, is_available: Callable[[], bool], version: Callable[[], int]) -> None:
        """Expose whether the latest read of the secret in Vault succeeded, and which version is in use."""
        for name, description, read in (
            ("vault_up", "1 if the latest read of the secret succeeded, otherwise 0.", is_available),
            ("vault_secret_version", "The version of the secret that is in use.", version),
        ):
            Gauge(name, description, registry=self.registry).set_function(read)

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
