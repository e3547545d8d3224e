"""The memory of the service under sustained load."""

from __future__ import annotations

import pytest

from tests.integration.api import concurrent_client
from tests.integration.error_recovery.memory_pressure import MAX_LEAK_BYTES, run_short_calls
from tests.integration.figures import record_figures
from tests.integration.metrics import read_metrics
from tests.integration.performance.performance_report import write_report
from tests.integration.performance.world import World
from tests.integration.slope import theil_sen

CALLS = 800
WARM_UP_CALLS = 200
"""Calls that fill pools and caches, which are bounded."""
CALLS_PER_SAMPLE = 20


@pytest.mark.load
class TestSustainedMemory:
    """Hundreds of calls, one after the other."""

    async def test_slope_of_the_memory_includes_less_than_a_leak(
        self, idle: World, request: pytest.FixtureRequest
    ) -> None:
        """The interval of the slope after the warm-up includes less than 8 KiB per call; the whole series is reported."""
        memory: list[tuple[float, float]] = []
        async with concurrent_client(idle.admin) as http:
            for calls in range(CALLS_PER_SAMPLE, CALLS + 1, CALLS_PER_SAMPLE):
                await run_short_calls(http, idle.names, CALLS_PER_SAMPLE)
                memory.append((calls, read_metrics(idle.admin)["process_resident_memory_bytes"]))
        slope = theil_sen(memory[WARM_UP_CALLS // CALLS_PER_SAMPLE :])

        record_figures(request, calls=CALLS, bytes_per_call=slope)
        content = {"bytes_per_call": slope.value, "low": slope.low, "high": slope.high, "memory": memory}
        write_report("memory", content)
        assert slope.low < MAX_LEAK_BYTES, slope
