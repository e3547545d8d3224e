"""Sends prepared requests and measures their times, and the CPU time of the service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.integration.api import TIMEOUT_SECONDS

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Times:
    """Percentiles of response times in milliseconds by the nearest rank, and the throughput."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    requests_per_second: float

    def __str__(self) -> str:
        return (
            f"p50 {self.p50_ms:.1f} ms, p95 {self.p95_ms:.1f} ms, p99 {self.p99_ms:.1f} ms, "
            f"{self.requests_per_second:.0f} requests/s"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, for the report."""
        return asdict(self)


async def send_all(requests: Sequence[httpx.Request], at_once: int) -> Times:
    """Send requests, `at_once` at a time; each must succeed."""
    queue = list(reversed(requests))
    durations: list[float] = []
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, limits=limits) as http:

        async def send_until_empty() -> None:
            while queue:
                request = queue.pop()
                started = time.perf_counter()
                response = await http.send(request)
                durations.append(time.perf_counter() - started)
                assert response.is_success, f"{request.method} {request.url.path}: {response.text}"

        started = time.perf_counter()
        await asyncio.gather(*(send_until_empty() for _ in range(at_once)))
        seconds = time.perf_counter() - started
    return summarize(durations, seconds)


def summarize(durations: Sequence[float], seconds: float) -> Times:
    """Return the times of requests that took these durations, all together `seconds`."""
    p50, p95, p99 = (percentile(durations, percent) * 1000 for percent in (50, 95, 99))
    return Times(p50, p95, p99, len(durations) / seconds)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process's threads.

    From the scheduler, in nanoseconds: /proc/PID/stat counts ticks of 10 ms, which is more than a short request takes.
    """
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / NANOSECONDS
