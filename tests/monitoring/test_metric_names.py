"""Every metric and label in a rule or panel exists: the service's /metrics, the exporter's, and recorded ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from monitoring.metrics import create_registry
from orchestrator.app import create_app, running
from orchestrator.observability.metrics import Metrics
from orchestrator.settings import load_settings
from tests.monitoring.promql import grouped_labels, metric_names, selected_labels
from tests.monitoring.rules import dashboard_queries, load_rules
from tests.monitoring.runs import create_run
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

PROMETHEUS_METRICS = {"up": {"job", "instance"}, "ALERTS": {"alertname", "alertstate"}}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
TARGET_LABELS = {"job", "instance", "le"}
GATES = [{"name": "tests that passed", "passed": True}]


def expressions() -> list[str]:
    """Return the expressions of all rules and panels."""
    return [*(rule["expr"] for rule in load_rules()), *dashboard_queries()]


def exposed_names(text: str) -> set[str]:
    """Return the names of series that a text in Prometheus' format can have, also without samples."""
    return {
        family.name + suffix
        for family in text_string_to_metric_families(text)
        for suffix in SUFFIXES[family.type]
    }


def labels_by_metric(registry: CollectorRegistry) -> Iterator[tuple[str, set[str]]]:
    """Yield the labels of each metric of a registry, which an empty metric does not expose."""
    for collector in dict.fromkeys(registry._collector_to_names):  # noqa: SLF001 - the library has no public way
        if isinstance(collector, MetricWrapperBase):
            family = next(iter(collector.describe()))
            for suffix in SUFFIXES[family.type]:
                yield family.name + suffix, {*collector._labelnames} | TARGET_LABELS  # noqa: SLF001 - likewise


@pytest.fixture
async def service_metrics(tmp_path: Path) -> str:
    """What the service responds to Prometheus."""
    variables = {"ENVIRONMENT": "test", "PMS_KIND": "memory", "PASSWORD_COST": "least"}
    database = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/x.sqlite"}
    app = create_app(load_settings({**DUMMY_VENDOR_SETTINGS, **variables, **database}))
    transport = httpx.ASGITransport(app)
    async with (
        running(app.state.container),
        httpx.AsyncClient(transport=transport, base_url="http://orchestrator") as http,
    ):
        return (await http.get("/metrics")).text


@pytest.fixture
def run_registry(tmp_path: Path) -> CollectorRegistry:
    """What the exporter writes for a run."""
    return create_registry(create_run(tmp_path, {"call_flow": {"TestA::test_b": "passed"}}, gates=GATES))


def test_every_metric_exists(service_metrics: str, run_registry: CollectorRegistry) -> None:
    """A metric that was renamed leaves an alert that never fires and a panel without data."""
    exported = {family.name + suffix for family in run_registry.collect() for suffix in SUFFIXES[family.type]}
    recorded = {rule["record"] for rule in load_rules() if "record" in rule}
    known = exposed_names(service_metrics) | exported | recorded | set(PROMETHEUS_METRICS)

    read = {name for expression in expressions() for name in metric_names(expression)}

    assert read - known == set()
    assert len(read) > 40


def test_every_label_exists(run_registry: CollectorRegistry) -> None:
    """A label that was renamed matches nothing."""
    labels = {
        **dict(labels_by_metric(Metrics().registry)),
        **dict(labels_by_metric(run_registry)),
        **PROMETHEUS_METRICS,
        # a collector without declared labels
        "pms_cache_reads_total": {"outcome"},
    }
    unknown = [
        (metric, matched - labels[metric])
        for expression in expressions()
        for metric, matched in selected_labels(expression)
        if metric in labels and matched - labels[metric]
    ]
    grouped = [
        (expression, label)
        for expression in expressions()
        for label in grouped_labels(expression)
        if not any(label in labels.get(metric, set()) for metric in metric_names(expression))
    ]

    assert (unknown, grouped) == ([], [])


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        (
            'sum by (route) (rate(a_total{status=~"5..", x!="y"}[5m])) or 0 * b:c:rate5m',
            {"a_total", "b:c:rate5m"},
        ),
        ("histogram_quantile(0.95, sum by (le) (rate(d_bucket[15m]))) > 3", {"d_bucket"}),
        ("time() - e_seconds > 26 * 3600", {"e_seconds"}),
    ],
)
def test_names_are_found(expression: str, names: set[str]) -> None:
    """The reader of expressions finds metrics, and neither functions nor labels."""
    assert metric_names(expression) == names
