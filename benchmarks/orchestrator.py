"""What the orchestrator adds to its vendors' time, beside a bare FastAPI route in the same run.

The stubs answer at once, so a vendor's time is the way there and back. Events per second are of one process.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any

import httpx

from benchmarks.measure import Measure, percentile, running_process
from local_stack.stack import ADMIN

CALLS = 200
WARM_UP = 20
SECONDS = 3.0
CONCURRENCY = 16
BASELINE_NAME = "a bare FastAPI route"
VENDOR_TIME = "vendor_request_duration_seconds_sum"
_numbers = itertools.count(1)
Event = dict[str, Any]


def measures() -> Iterator[Measure]:
    """Latency of the first event and of a wish, what vendors have of it, and events per second."""
    command = ("-m", "benchmarks.stack_server")
    with running_process(*command, "orchestrator") as ours, running_process(*command, "bare") as bare:
        headers = _logged_in(ours)
        with httpx.Client(base_url=ours, headers=headers) as http, httpx.Client(base_url=bare) as peer:
            yield from _latencies(http, peer)
        rates = [asyncio.run(_events_per_second(url, headers)) for url in (ours, bare)]
        yield Measure("call events", rates[0], "events/s", BASELINE_NAME, rates[1])


def _latencies(http: httpx.Client, peer: httpx.Client) -> Iterator[Measure]:
    for _ in range(WARM_UP):
        for event in _call():
            _seconds(http, event), _seconds(peer, event)
    before = _vendor_seconds(http)
    taken: list[list[float]] = [[], []]
    beside: list[float] = []
    ends = 0.0
    for _ in range(CALLS):
        begun, wished, ended = _call()
        for times, event in zip(taken, (begun, wished), strict=True):
            times.append(_seconds(http, event) * 1000)
            beside.append(_seconds(peer, event) * 1000)
        ends += _seconds(http, ended) * 1000
    vendors = (_vendor_seconds(http) - before) * 1000 / CALLS
    for name, times in zip(("call.started", "call.interaction"), taken, strict=True):
        for percent in (50, 95):
            yield Measure(
                f"{name}, p{percent}",
                percentile(times, percent),
                "ms",
                BASELINE_NAME,
                percentile(beside, percent),
            )
    whole = (sum(map(sum, taken)) + ends) / CALLS
    yield Measure("a call's own time, without its vendors'", whole - vendors, "ms", "its vendors'", vendors)


def _call() -> tuple[Event, Event, Event]:
    """The events of a call of its own."""
    call = {"call_id": f"bench-{next(_numbers)}", "timestamp": "2027-05-01T10:00:00+02:00"}
    begun = {
        "event": "call.started",
        "from_number": "+4930000000",
        "to_number": "+498912345",
        "metadata": {"hotel_id": "MUC"},
    }
    dates = {"arrival": "2030-05-01", "departure": "2030-05-03"}
    wished = {
        "event": "call.interaction",
        "interaction_type": "availability_request",
        "parameters": dates,
    }
    return call | begun, call | wished, call | {"event": "call.ended", "duration": 1}


def _seconds(http: httpx.Client, event: Event) -> float:
    started = time.perf_counter()
    http.post("/webhook/call-event", json=event).raise_for_status()
    return time.perf_counter() - started


def _vendor_seconds(http: httpx.Client) -> float:
    """All the time that vendors took so far, one call after the other."""
    lines = http.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(VENDOR_TIME))


async def _events_per_second(url: str, headers: dict[str, str]) -> float:
    ends = time.perf_counter() + SECONDS
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
        counts = await asyncio.gather(*(_calls_until(http, ends) for _ in range(CONCURRENCY)))
    return sum(counts) / SECONDS


async def _calls_until(http: httpx.AsyncClient, ends: float) -> int:
    count = 0
    while time.perf_counter() < ends:
        for event in _call():
            (await http.post("/webhook/call-event", json=event)).raise_for_status()
            count += 1
    return count


def _logged_in(url: str) -> dict[str, str]:
    wanted = {"email": ADMIN[0], "password": ADMIN[1]}
    token = httpx.post(f"{url}/auth/login", json=wanted).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
