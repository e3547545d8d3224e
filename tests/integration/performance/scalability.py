"""Throughput and response time by the number of calls at once: the curve, and where it bends."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

import httpx
import pytest

from tests.integration.api import TIMEOUT_SECONDS
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.figures import record_figures
from tests.integration.performance.load import percentile
from tests.integration.performance.performance_report import write_report
from tests.integration.performance.world import World

LEVELS = (1, 2, 4, 8, 16, 32)
CALLS_PER_LEVEL = 48
"""A multiple of the levels up to 16 and at least one for each line of 32."""
KNEE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Level:
    """What a number of calls at once achieves."""

    calls_at_once: int
    events_per_second: float
    p95_ms: float


@pytest.mark.load
class TestScalability:
    """More calls at once get more throughput up to the knee, and only wait longer beyond it."""

    def test_curve_has_all_levels_and_a_knee(self, idle: World, request: pytest.FixtureRequest) -> None:
        """Every event of every level is accepted; the figures are reported."""
        # from a process of its own: here the stubs run, which would slow down the client
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            curve = pool.submit(measure_curve, idle.admin.url, idle.api_key, idle.names.call()).result()

        knee = find_knee(curve)
        write_report("scalability", {"curve": [asdict(level) for level in curve], "knee": knee})
        lines = {
            f"{level.calls_at_once} at once": f"{level.events_per_second:.0f} events/s, p95 {level.p95_ms:.0f} ms"
            for level in curve
        }
        record_figures(request, **lines, knee=f"{knee} calls at once")
        assert [level.calls_at_once for level in curve] == list(LEVELS)


def find_knee(curve: Sequence[Level]) -> int:
    """Return the fewest calls at once with at least 90 % of the highest throughput: more only wait longer."""
    highest = max(level.events_per_second for level in curve)
    return next(level.calls_at_once for level in curve if level.events_per_second >= KNEE_SHARE * highest)


def measure_curve(url: str, api_key: str, prefix: str) -> list[Level]:
    """Run calls at each level, after one level that is not counted."""
    return asyncio.run(_measure_curve(url, api_key, prefix))


async def _measure_curve(url: str, api_key: str, prefix: str) -> list[Level]:
    ids = (f"{prefix}-{number}" for number in itertools.count())
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=url, headers={"X-API-Key": api_key}, timeout=TIMEOUT_SECONDS, limits=limits
    ) as http:
        await _measure_level(http, [next(ids) for _ in range(CALLS_PER_LEVEL)], LEVELS[-1])
        return [
            await _measure_level(http, [next(ids) for _ in range(CALLS_PER_LEVEL)], level) for level in LEVELS
        ]


async def _measure_level(http: httpx.AsyncClient, call_ids: list[str], at_once: int) -> Level:
    durations: list[float] = []

    async def run_calls() -> None:
        while call_ids:
            call_id = call_ids.pop()
            for event in (
                call_started(call_id),
                call_interaction(call_id, "small_talk"),
                call_ended(call_id),
            ):
                started = time.perf_counter()
                response = await http.post("/webhook/call-event", json=event)
                durations.append(time.perf_counter() - started)
                assert response.status_code == 200, response.text

    started = time.perf_counter()
    await asyncio.gather(*(run_calls() for _ in range(at_once)))
    seconds = time.perf_counter() - started
    return Level(at_once, len(durations) / seconds, percentile(durations, 95) * 1000)
