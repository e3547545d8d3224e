"""Response times, throughput and CPU time of each endpoint.

Times are reported and never compared: a loaded machine changes them. CPU time is compared with a reviewed value, both in
units of the CPU time of a reference request in the same run, and only by a ratio that no noise reaches.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.figures import record_figures
from tests.integration.performance.endpoint_scenarios import SCENARIOS
from tests.integration.performance.load import Times, cpu_seconds, send_all
from tests.integration.performance.performance_report import write_report
from tests.integration.performance.world import World
from tests.integration.process_memory import find_listener

CPU_FILE = Path(__file__).with_name("cpu.json")
REFERENCE = "GET /resilience/circuit-breakers"
"""It costs little besides what all requests do: the HTTP protocol, authentication and the rate limit."""
REQUESTS = 20
"""Sent one after the other, and as many again at once; the 99th percentile is therefore close to the maximum."""
REFERENCE_REQUESTS = 40
AT_ONCE = 4
WARM_UPS = 3
MAX_CPU_RATIO = 3.0
"""Of the reviewed value: caches of a busy machine's CPU, and versions of Python, change the CPU time by up to a half."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The service, its process, and the CPU time of a reference request in seconds."""

    world: World
    pid: int
    reference: float

    def measure(self, scenario: str, count: int = REQUESTS) -> tuple[Times, Times, float]:
        """Return the times of requests one after the other, of requests at once, and the CPU seconds of a request."""
        for _ in range(WARM_UPS):
            self.world.send(SCENARIOS[scenario](self.world))
        requests = [SCENARIOS[scenario](self.world) for _ in range(2 * count)]
        before = cpu_seconds(self.pid)
        single = asyncio.run(send_all(requests[:count], 1))
        several = asyncio.run(send_all(requests[count:], AT_ONCE))
        return single, several, (cpu_seconds(self.pid) - before) / (2 * count)


def connect(world: World) -> Measured:
    """Return the service after measuring the reference."""
    service = Measured(world, find_listener(world.admin.url), 0.0)
    _, _, reference = service.measure(REFERENCE, REFERENCE_REQUESTS)
    return Measured(world, service.pid, reference)


@pytest.fixture(scope="module")
def measured(loaded: World) -> Measured:
    """The loaded service with the reference's CPU time."""
    return connect(loaded)


@pytest.mark.load
@pytest.mark.usefixtures("idle")
class TestEndpointTimes:
    """How long each endpoint takes, and what it costs the service."""

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_cpu_time_is_within_three_times_the_reviewed_one(
        self, measured: Measured, scenario: str, request: pytest.FixtureRequest
    ) -> None:
        """Times are only reported."""
        single, several, cpu = measured.measure(scenario)

        reviewed = read_cpu()[scenario]
        ratio = cpu / measured.reference / reviewed
        record_figures(
            request,
            one_at_a_time=single,
            **{f"{AT_ONCE} at once": several},
            cpu=f"{cpu * 1000:.1f} ms, {ratio:.2f} of the reviewed",
        )
        content = {"one_at_a_time": single.as_dict(), "at_once": several.as_dict(), "cpu_ms": cpu * 1000}
        write_report(f"endpoints/{scenario}", content)
        assert ratio < MAX_CPU_RATIO


def read_cpu() -> dict[str, float]:
    """Return the reviewed CPU time of each scenario, in units of the reference."""
    reviewed: dict[str, float] = json.loads(CPU_FILE.read_text(encoding="utf-8"))
    return reviewed
