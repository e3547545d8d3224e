"""Rate limits, circuit breakers and backpressure together, under load."""

from __future__ import annotations

import asyncio

import httpx

from tests.integration.api import TIMEOUT_SECONDS
from tests.integration.call_events import call_ended, call_started
from tests.integration.ids import IdFactory
from tests.integration.resilience.limited_service import (
    FIRST,
    IN_PROGRESS_PER_CLIENT,
    SECOND,
    THIRD,
    WAITING,
    HeldRequests,
    LimitedService,
)
from tests.integration.scenarios import circuit_states, close_circuits, start_unknown_calls
from tests.integration.settings import RATE_LIMIT
from tests.integration.waiting import wait_until

CALLS = 40
SHED = 'backpressure_rejections_total{resource="requests"}'


async def start_calls(limited: LimitedService, names: IdFactory, count: int) -> list[httpx.Response]:
    """Start calls about reservations at the same time, all from one address; return the responses."""
    headers = {"X-API-Key": limited.api_key, "X-Forwarded-For": FIRST}
    events = [
        call_started(names.call(), names.phone(), reservation_id=names.reservation()) for _ in range(count)
    ]
    async with httpx.AsyncClient(
        base_url=limited.stack.url, headers=headers, timeout=TIMEOUT_SECONDS
    ) as http:
        return await asyncio.gather(*(http.post("/webhook/call-event", json=event) for event in events))


class TestCombinedFeaturesUnderLoad:
    """One vendor is away, one client sends far too much, another one is over its rate limit."""

    async def test_each_limit_holds_and_others_are_served(
        self, limited: LimitedService, held: HeldRequests, names: IdFactory
    ) -> None:
        """Every request gets one of the documented responses, and each rejection is counted once."""
        limited.vendors.apaleo.inject_fault("status", status=503)
        start_unknown_calls(limited.client(THIRD, {"X-API-Key": limited.api_key}), names, 3)
        user = limited.user(names)
        before = limited.metrics()
        slow = held.send(FIRST, IN_PROGRESS_PER_CLIENT, in_progress=IN_PROGRESS_PER_CLIENT, waiting=0)

        flood = asyncio.create_task(start_calls(limited, names, CALLS))
        await asyncio.to_thread(
            wait_until,
            lambda: _increase(limited, before, SHED) == CALLS - WAITING,
            "all that neither is in progress nor waits is shed",
        )
        other = limited.client(SECOND, {"X-API-Key": limited.api_key}).post_event(
            call_started(names.call(), names.phone())
        )
        over_limit = [user.get("/auth/profile").status_code for _ in range(RATE_LIMIT + 1)]
        health = limited.admin.get("/healthz").json()["status"]
        finished = await asyncio.to_thread(held.complete, *slow)
        responses = await flood

        accepted = [response.json() for response in responses if response.status_code == 200]
        shed = [response for response in responses if response.status_code == 503]
        assert (len(accepted), len(shed)) == (WAITING, CALLS - WAITING)
        assert all(response.headers["Retry-After"] for response in shed)
        assert all(body["warnings"] for body in accepted), "a call without the PMS says so"
        assert (other.status_code, finished) == (200, [200] * IN_PROGRESS_PER_CLIENT)
        assert over_limit == [*[200] * RATE_LIMIT, 429]
        assert (circuit_states(limited.admin)["apaleo"], health) == ("open", "healthy")
        assert _increase(limited, before, 'rate_limit_rejections_total{route="/auth/profile"}') == 1
        close_circuits(limited.admin)

    async def test_everything_is_normal_after_the_load(
        self, limited: LimitedService, names: IdFactory
    ) -> None:
        """No place, no queue and no circuit stays taken."""
        limited.vendors.apaleo.inject_fault("status", status=503)
        await start_calls(limited, names, CALLS)
        limited.vendors.apaleo.clear_faults()
        close_circuits(limited.admin)
        client = limited.client(FIRST, {"X-API-Key": limited.api_key})
        call_id = names.call()

        started = client.post_event(call_started(call_id, names.phone()))
        ended = client.post_event(call_ended(call_id))

        metrics = limited.metrics()
        assert (started.status_code, ended.status_code) == (200, 200)
        assert started.json()["warnings"] == []
        assert (metrics["http_requests_in_progress"], metrics["http_requests_waiting"]) == (0, 0)


def _increase(limited: LimitedService, before: dict[str, float], series: str) -> float:
    return limited.metrics().get(series, 0.0) - before.get(series, 0.0)
