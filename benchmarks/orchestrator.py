"""Latency and throughput of call events, beside what cannot be avoided, in the same run.

A whole call is compared with its floor (`benchmarks/floor.py`), each event with a bare FastAPI route. The stubs respond
immediately, so the vendors' share is the round trip. Events per second are those of one process.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any

import httpx

from benchmarks.floor import Floor
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


def measure() -> Iterator[Measure]:
    """Yield the latency of a start and of an interaction, the vendors' share, and events per second."""
    command = ("-m", "benchmarks.stack_server")
    with running_process(*command, "orchestrator") as line, running_process(*command, "bare") as bare:
        service, *pairs = line.split()
        headers = log_in(service)
        with httpx.Client(base_url=service, headers=headers) as http, httpx.Client(base_url=bare) as baseline:
            floor = Floor(baseline, dict(pair.split("=", 1) for pair in pairs))
            yield from _latencies(http, baseline)
            yield _beside_floor(http, floor)
        rates = [asyncio.run(_events_per_second(url, headers)) for url in (service, bare)]
        yield Measure("call events", rates[0], "events/s", BASELINE_NAME, rates[1])


def _latencies(http: httpx.Client, baseline: httpx.Client) -> Iterator[Measure]:
    for _ in range(WARM_UP):
        for event in _call():
            _seconds(http, event), _seconds(baseline, event)
    before = _vendor_seconds(http)
    durations: list[list[float]] = [[], []]
    baselines: list[float] = []
    ended_ms = 0.0
    for _ in range(CALLS):
        started, interaction, ended = _call()
        for times, event in zip(durations, (started, interaction), strict=True):
            times.append(_seconds(http, event) * 1000)
            baselines.append(_seconds(baseline, event) * 1000)
        ended_ms += _seconds(http, ended) * 1000
    vendors = (_vendor_seconds(http) - before) * 1000 / CALLS
    for name, times in zip(("call.started", "call.interaction"), durations, strict=True):
        for percent in (50, 95):
            yield Measure(
                f"{name}, p{percent}",
                percentile(times, percent),
                "ms",
                BASELINE_NAME,
                percentile(baselines, percent),
            )
    whole = (sum(map(sum, durations)) + ended_ms) / CALLS
    yield Measure("a call's own time, without its vendors'", whole - vendors, "ms", "its vendors'", vendors)


def _beside_floor(http: httpx.Client, floor: Floor) -> Measure:
    """Measure whole calls and their floor in turns, so that a disturbance affects both."""
    floor.forget_requests()
    for event in _call():
        _seconds(http, event)
    requests = floor.read_requests()
    durations: list[float] = []
    floors: list[float] = []
    for number in range(WARM_UP + CALLS):
        events = _call()
        duration, unavoidable = sum(_seconds(http, event) for event in events), floor.seconds(events)
        if number >= WARM_UP:
            durations.append(duration * 1000)
            floors.append(unavoidable * 1000)
    return Measure(
        "a whole call, p50",
        percentile(durations, 50),
        "ms",
        f"floor: {len(_call())} bare routes and {requests} vendor requests",
        percentile(floors, 50),
        "ratio ≤ 1.5",
    )


def _call() -> tuple[Event, Event, Event]:
    """Return the events of a new call."""
    call = {"call_id": f"bench-{next(_numbers)}", "timestamp": "2027-05-01T10:00:00+02:00"}
    started = {
        "event": "call.started",
        "from_number": "+4930000000",
        "to_number": "+498912345",
        "metadata": {"hotel_id": "MUC"},
    }
    dates = {"arrival": "2030-05-01", "departure": "2030-05-03"}
    interaction = {
        "event": "call.interaction",
        "interaction_type": "availability_request",
        "parameters": dates,
    }
    return call | started, call | interaction, call | {"event": "call.ended", "duration": 1}


def _seconds(http: httpx.Client, event: Event) -> float:
    started = time.perf_counter()
    http.post("/webhook/call-event", json=event).raise_for_status()
    return time.perf_counter() - started


def _vendor_seconds(http: httpx.Client) -> float:
    """Return the time of all vendor requests so far."""
    lines = http.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(VENDOR_TIME))


async def _events_per_second(url: str, headers: dict[str, str]) -> float:
    deadline = time.perf_counter() + SECONDS
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
        counts = await asyncio.gather(*(_calls_until(http, deadline) for _ in range(CONCURRENCY)))
    return sum(counts) / SECONDS


async def _calls_until(http: httpx.AsyncClient, deadline: float) -> int:
    count = 0
    while time.perf_counter() < deadline:
        for event in _call():
            (await http.post("/webhook/call-event", json=event)).raise_for_status()
            count += 1
    return count


def log_in(url: str) -> dict[str, str]:
    """Return the headers of an administrator."""
    credentials = {"email": ADMIN[0], "password": ADMIN[1]}
    token = httpx.post(f"{url}/auth/login", json=credentials).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
