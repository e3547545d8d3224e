"""The metrics of the service, as Prometheus reads them."""

from __future__ import annotations

from orchestrator.observability.metrics import Metrics


def test_vendor_call_is_counted_by_outcome() -> None:
    """Each outcome has its own series."""
    metrics = Metrics()

    metrics.observe_vendor_call("apaleo", "booking", "success", 0.1)
    metrics.observe_vendor_call("apaleo", "booking", "VendorTimeout", 8.0)
    metrics.observe_vendor_call("apaleo", "booking", "VendorTimeout", 8.0)

    lines = metrics.render().decode().splitlines()
    name = 'vendor_requests_total{operation="booking",outcome="%s",vendor="apaleo"} %s'
    assert name % ("success", "1.0") in lines
    assert name % ("VendorTimeout", "2.0") in lines
    assert 'vendor_request_duration_seconds_sum{operation="booking",vendor="apaleo"} 16.1' in lines


def test_pms_cache_reads_are_counters() -> None:
    """The totals are read at each scrape."""
    metrics = Metrics()
    totals = {"hit": 1, "miss": 2, "coalesced": 0}
    metrics.register_pms_cache(lambda: totals)

    totals["hit"] += 4
    lines = metrics.render().decode().splitlines()

    assert "# TYPE pms_cache_reads_total counter" in lines
    assert {line for line in lines if line.startswith("pms_cache")} == {
        'pms_cache_reads_total{outcome="hit"} 5.0',
        'pms_cache_reads_total{outcome="miss"} 2.0',
        'pms_cache_reads_total{outcome="coalesced"} 0.0',
    }
