"""The memory of the service while many events arrive, large ones among them.

The service is a process of its own, so its resident memory is measured, which is also what an operator's alert and the
kernel's limit see. pytest-memray measures the process of the tests; memray inside of the service would slow it down
several times, and it sees neither what the allocator keeps nor what libraries allocate outside of Python.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.integration.api import ApiClient, concurrent_client
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.deployment import require_local_stack
from tests.integration.figures import record_figures
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.process_memory import find_listener, peak_bytes, reset_peak
from tests.integration.scenarios import send_event
from tests.integration.slope import theil_sen
from tests.thoroughness import choose

KIB, MIB = 1024, 1024 * 1024
CALLS = choose(normal=260, thorough=400)
WARM_UP_CALLS = 100
"""Calls that fill pools and caches, which are bounded."""
CALLS_PER_SAMPLE = 10
CALLS_AT_ONCE = 5
MAX_LEAK_BYTES = 8 * KIB
"""Per call; less than the requests, responses and log lines of its events. The soak finds smaller leaks."""
MAX_MORE_FILES = 10
LARGE_BODY_CHARACTERS = 900_000
"""Just below the limit of a body, 1 MiB."""
SMALL_EVENTS = 60
MAX_FLOOD_BYTES = 128 * MIB
"""For eight bodies of up to 1 MiB at once, parsed and validated."""
MAX_SECOND_FLOOD_BYTES = 32 * MIB
"""Fragmentation took up to 13 MiB; two floods whose parsed bodies are kept differ by 90 MiB."""


@pytest.mark.slow
class TestMemoryPressure:
    """Neither time nor load makes the service grow without bounds."""

    async def test_memory_and_open_files_do_not_grow_with_the_number_of_calls(
        self,
        admin: ApiClient,
        names: IdFactory,
        request: pytest.FixtureRequest,
    ) -> None:
        """The interval of the slope after the warm-up includes less than 8 KiB per call."""
        require_local_stack("needs a service without other clients")
        memory: list[tuple[float, float]] = []
        files: list[float] = []
        async with concurrent_client(admin) as http:
            for calls in range(CALLS_PER_SAMPLE, CALLS + 1, CALLS_PER_SAMPLE):
                await run_short_calls(http, names, CALLS_PER_SAMPLE)
                metrics = read_metrics(admin)
                memory.append((calls, metrics["process_resident_memory_bytes"]))
                files.append(metrics["process_open_fds"])
        warm_up = WARM_UP_CALLS // CALLS_PER_SAMPLE
        slope = theil_sen(memory[warm_up:])

        record_figures(
            request, calls=CALLS, bytes_per_call=slope, open_files=f"{files[warm_up]} to {files[-1]}"
        )
        assert slope.low < MAX_LEAK_BYTES, slope
        assert files[-1] - files[warm_up] <= MAX_MORE_FILES

    async def test_flood_of_large_and_many_events_needs_bounded_memory(
        self,
        admin: ApiClient,
        names: IdFactory,
        request: pytest.FixtureRequest,
    ) -> None:
        """A second flood needs no more than the first, and every response is well-formed."""
        require_local_stack("reads the memory of the process")
        pid = find_listener(admin.url)
        reset_peak(pid)
        before = peak_bytes(pid)
        async with concurrent_client(admin) as http:
            statuses = await send_flood(http, names)
            first = peak_bytes(pid)
            statuses += await send_flood(http, names)
            second = peak_bytes(pid)

        grown = (first - before, second - first)
        record_figures(request, statuses=dict(statuses), peak_growth_mib=[size // MIB for size in grown])
        assert statuses.keys() <= {200, 404, 422, 503}
        assert grown[0] < MAX_FLOOD_BYTES
        assert grown[1] < MAX_SECOND_FLOOD_BYTES
        assert admin.get("/readyz").status_code == 200


async def run_short_calls(http: httpx.AsyncClient, names: IdFactory, count: int) -> None:
    """Run whole calls, some at a time, whose events are all accepted."""
    slots = asyncio.Semaphore(CALLS_AT_ONCE)

    async def run_call(call_id: str) -> None:
        async with slots:
            await send_event(http, call_started(call_id))
            await send_event(http, call_interaction(call_id, "small_talk", "How are you?"))
            await send_event(http, call_ended(call_id))

    await asyncio.gather(*(run_call(names.call()) for _ in range(count)))


async def send_flood(http: httpx.AsyncClient, names: IdFactory) -> Counter[int]:
    """Send large events of several shapes and many small ones, all at once; return the number of each status."""
    large: list[dict[str, Any]] = [
        {"guest_data": {"note": "x" * 60_000}},
        {"large_data": "x" * LARGE_BODY_CHARACTERS},
        {"large_data": [0] * (LARGE_BODY_CHARACTERS // 3)},
        {"large_data": {f"key{number}": number for number in range(LARGE_BODY_CHARACTERS // 20)}},
    ]
    events = [call_started(names.call(), **metadata) for metadata in large * 2]
    events += [call_interaction(names.call(), "small_talk", "y" * 2000) for _ in range(SMALL_EVENTS)]
    responses = await asyncio.gather(*(http.post("/webhook/call-event", json=event) for event in events))
    assert {response.headers["Content-Type"] for response in responses} == {"application/json"}
    return Counter(response.status_code for response in responses)
