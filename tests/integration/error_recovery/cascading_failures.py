"""One vendor hangs; whatever does not need it goes on as if nothing had happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median, quantiles

import httpx
import pytest

from local_stack.stack import Stack, run_stack
from tests.integration.api import ApiClient, concurrent_client
from tests.integration.call_events import call_interaction, call_started
from tests.integration.controlled_stack import control_stack
from tests.integration.deployment import require_local_stack
from tests.integration.figures import record_figures
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.scenarios import circuit_states
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.waiting import wait_until
from tests.thoroughness import choose

PMS_SECONDS = 10
HANG_SECONDS = 60.0
HUNG_CALLS = 60
BULKHEAD_SLOTS = 50
"""Requests that one vendor gets at the same time."""
BLOCKS = choose(normal=3, thorough=5)
ROUNDS_PER_BLOCK = 12
MAX_P95_RATIO = 3.0
"""A request that waits for the PMS takes seconds instead of milliseconds, so defect and noise are far apart."""
REJECTED = ("bulkhead_full", "circuit_open")

Flow = Callable[[httpx.AsyncClient, str, int], Awaitable[httpx.Response]]


async def _greet(http: httpx.AsyncClient, call_id: str, number: int) -> httpx.Response:
    return await http.post("/webhook/call-event", json=call_interaction(call_id, "greeting", second=number))


async def _synthesize(http: httpx.AsyncClient, _call_id: str, number: int) -> httpx.Response:
    return await http.post("/tts/synthesize", json={"text": f"This is text {number}."})


async def _read_profile(http: httpx.AsyncClient, _call_id: str, _number: int) -> httpx.Response:
    return await http.get("/auth/profile")


FLOWS_WITHOUT_PMS: tuple[Flow, ...] = (_greet, _synthesize, _read_profile)


@pytest.fixture
def hanging_stack(tmp_path: Path, redis_url: str) -> Iterator[Stack]:
    """A service with the settings of the shared one, except that it waits for the PMS for ten seconds only."""
    require_local_stack("lets a vendor hang")
    settings = {**LENIENT_SETTINGS, "REDIS_URL": redis_url, "PMS_DEADLINE": str(PMS_SECONDS)}
    with run_stack(tmp_path, settings) as stack:
        yield stack


@pytest.mark.slow
class TestCascadingFailurePrevention:
    """A dead vendor takes nothing else with it."""

    async def test_hanging_pms_leaves_p95_of_other_flows_unchanged(
        self,
        hanging_stack: Stack,
        admin: ApiClient,
        control: httpx.Client,
        names: IdFactory,
        request: pytest.FixtureRequest,
    ) -> None:
        """Requests alternate between a service whose PMS hangs and one whose PMS works.

        The PMS gets no more requests than its bulkhead admits, and none after they have failed.
        """
        with control_stack(hanging_stack, control, request.config) as (hanging, vendors):
            async with concurrent_client(hanging) as disturbed, concurrent_client(admin) as undisturbed:
                call_id = names.call()
                for api in (hanging, admin):
                    api.send_event(call_started(call_id if api is hanging else f"{call_id}-2"))
                vendors.apaleo.inject_fault("hang", "getReservation", seconds=HANG_SECONDS)
                starts = [_start_call(disturbed, names) for _ in range(HUNG_CALLS)]
                flood = asyncio.gather(*starts)
                await _wait_until(lambda: _rejections(hanging) >= HUNG_CALLS - BULKHEAD_SLOTS)
                ratios = await _measure(disturbed, undisturbed, call_id)
                warnings = await flood
            # the shared look-up may end after the deadline of the events that wait for it
            wait_until(lambda: _open_circuits(hanging) == {"apaleo"}, "the circuit of the PMS is open")
            sent = len(vendors.apaleo.requests("getReservation"))
            hanging.send_event(call_started(names.call(), reservation_id=names.reservation()))

            record_figures(request, median_of_p95_ratios=round(median(ratios), 2), requests_to_pms=sent)
            assert median(ratios) < MAX_P95_RATIO, ratios
            assert warnings == [["PMS_UNAVAILABLE"]] * HUNG_CALLS
            assert sent <= BULKHEAD_SLOTS
            assert sent + _rejections(hanging) == HUNG_CALLS + 1
            assert len(vendors.apaleo.requests("getReservation")) == sent
            assert _open_circuits(hanging) == {"apaleo"}


async def _start_call(http: httpx.AsyncClient, names: IdFactory) -> list[str]:
    """Start a call whose guest has to be looked up; return the codes of its warnings."""
    event = call_started(names.call(), reservation_id=names.reservation())
    response = await http.post("/webhook/call-event", json=event)
    return [warning["code"] for warning in response.json()["warnings"]]


def _open_circuits(api: ApiClient) -> set[str]:
    """Return the vendors with a circuit that is not closed."""
    return {name.partition(".")[0] for name, state in circuit_states(api).items() if state != "closed"}


def _rejections(api: ApiClient) -> float:
    """Return how many requests to the PMS were not sent."""
    return sum(
        value
        for series, value in read_metrics(api).items()
        if series.startswith("vendor_requests_total{")
        and 'vendor="apaleo"' in series
        and any(f'outcome="{reason}"' in series for reason in REJECTED)
    )


async def _measure(disturbed: httpx.AsyncClient, undisturbed: httpx.AsyncClient, call_id: str) -> list[float]:
    """Return the ratio of the 95th percentiles for each block and flow; every request is sent to both, in turn."""
    ratios = []
    for block in range(BLOCKS):
        for flow in FLOWS_WITHOUT_PMS:
            seconds: tuple[list[float], list[float]] = ([], [])
            for number in range(ROUNDS_PER_BLOCK):
                sides = ((disturbed, call_id, seconds[0]), (undisturbed, f"{call_id}-2", seconds[1]))
                # the first of two requests may find other caches than the second
                for http, call, times in sides if number % 2 else reversed(sides):
                    times.append(await _seconds(flow(http, call, block * ROUNDS_PER_BLOCK + number)))
            ratios.append(_p95(seconds[0]) / _p95(seconds[1]))
    return ratios


async def _seconds(response: Awaitable[httpx.Response]) -> float:
    started = time.perf_counter()
    assert (await response).status_code == 200
    return time.perf_counter() - started


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


async def _wait_until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, condition, "the bulkhead of the PMS is full")
