"""The service's Prometheus metrics."""

from __future__ import annotations

from collections import Counter

from tests.integration.api import ApiClient


def read_metrics(api: ApiClient) -> dict[str, float]:
    """Return the value of each series by its name and labels."""
    return parse_metrics(api.get("/metrics").text)


def count_outcomes(api: ApiClient, metric: str) -> Counter[str]:
    """Return the value of a metric for each of its outcomes."""
    prefix, suffix = f'{metric}{{outcome="', '"}'
    return Counter(
        {
            series.removeprefix(prefix).removesuffix(suffix): int(value)
            for series, value in read_metrics(api).items()
            if series.startswith(prefix)
        }
    )


def parse_metrics(text: str) -> dict[str, float]:
    """Return the value of each series in Prometheus' text format."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}
