"""The service's Prometheus metrics."""

from __future__ import annotations

from tests.integration.api import ApiClient


def read_metrics(api: ApiClient) -> dict[str, float]:
    """Return the value of each series by its name and labels."""
    return parse_metrics(api.get("/metrics").text)


def parse_metrics(text: str) -> dict[str, float]:
    """Return the value of each series in Prometheus' text format."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}
