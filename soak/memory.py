"""The memory and the open files of the service over many calls without a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.integration.metrics import parse_metrics
from tests.integration.slope import theil_sen
from tests.integration.telephone_system import Event, TelephoneSystem

SAMPLES = 60
WARM_UP_SHARE = 0.25
"""Share of the calls that fill caches and pools, which are bounded."""
CALLS_AT_ONCE = 8
MAX_LEAK_BYTES = 1024
"""Per call, at the lower bound of the slope's interval."""
MAX_MORE_FILES = 20
FEWEST_CALLS = 7_000
"""With fewer calls, caches and pools are still being filled after the warm-up."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What was measured, and what violates the limits."""

    figures: dict[str, Any]
    violations: list[str]


async def measure_memory(
    http: httpx.AsyncClient, telephone: TelephoneSystem, new_call: Callable[[], Sequence[Event]], calls: int
) -> Memory:
    """Run calls without a fault, and fit the slope of the resident memory after the warm-up."""
    if calls < FEWEST_CALLS:
        return Memory({"not_measured": f"fewer than {FEWEST_CALLS} calls"}, [])
    batch = max(1, calls // SAMPLES)
    samples: list[tuple[float, float, float]] = []
    for count in range(batch, calls + 1, batch):
        await _run_calls(telephone, new_call, batch)
        metrics = parse_metrics((await http.get("/metrics")).text)
        samples.append((count, metrics["process_resident_memory_bytes"], metrics["process_open_fds"]))
    samples = samples[int(len(samples) * WARM_UP_SHARE) :]
    slope = theil_sen([(count, memory) for count, memory, _ in samples])
    more_files = samples[-1][2] - samples[0][2]
    violations = []
    if slope.low > MAX_LEAK_BYTES:
        violations.append(f"memory grows by {slope} bytes per call")
    if more_files > MAX_MORE_FILES:
        violations.append(f"{more_files:.0f} more files are open")
    return Memory({"calls": calls, "bytes_per_call": str(slope), "more_open_files": more_files}, violations)


async def _run_calls(telephone: TelephoneSystem, new_call: Callable[[], Sequence[Event]], count: int) -> None:
    slots = asyncio.Semaphore(CALLS_AT_ONCE)

    async def run_call() -> None:
        async with slots:
            await telephone.run_call(new_call())

    await asyncio.gather(*(run_call() for _ in range(count)))
