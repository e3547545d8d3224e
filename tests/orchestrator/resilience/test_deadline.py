"""One deadline for all requests of an event."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.caching import CoalescingCache
from orchestrator.resilience.deadline import limit_to_deadline, share_of_deadline, start_deadline
from orchestrator.resilience.guard import GuardLimits, VendorGuard
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import VendorTimeout, VendorUnavailable

LONG = CallPolicy(total_timeout=3600.0, attempt_timeout=3600.0)
DEADLINE_SECONDS = 0.4


async def send(policy: CallPolicy, *, idempotent: bool = False) -> None:
    """Send a request to a vendor that never responds."""
    await policy.run(
        "look up",
        asyncio.Event().wait,
        group="api",
        idempotent=idempotent,
        make_timeout_error=lambda: VendorTimeout("pms", "look up"),
    )


async def test_requests_without_deadline_have_their_own_timeout() -> None:
    """Nothing is limited outside of an event."""
    assert (share_of_deadline(), limit_to_deadline(8.0)) == (None, 8.0)


async def test_requests_of_an_event_end_within_its_deadline() -> None:
    """However many of them hang: each takes a share of what is left, so there is always some left."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    with start_deadline(DEADLINE_SECONDS):
        shares = []
        for _ in range(5):
            shares.append(limit_to_deadline(3600.0))
            with pytest.raises(VendorTimeout):
                await send(LONG)

    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < shares[0] / 4
    # a generous bound: the requests' own timeout is an hour
    assert loop.time() - started < 60


async def test_backoff_counts_towards_the_deadline() -> None:
    """A delay that the vendor asks for and that ends after the deadline ends the call immediately."""
    attempts = 0

    async def ask_for_delay() -> None:
        nonlocal attempts
        attempts += 1
        error = VendorUnavailable("pms", "look up", status=503)
        error.retry_after = 30.0
        raise error

    with start_deadline(10.0), pytest.raises(VendorUnavailable):
        await LONG.run(
            "look up",
            ask_for_delay,
            group="api",
            idempotent=True,
            make_timeout_error=lambda: VendorTimeout("pms", "look up"),
        )

    assert attempts == 1


async def test_request_after_the_deadline_is_not_sent_and_blames_nobody() -> None:
    """The circuit of a vendor stays closed if others have used up the time."""
    guard = VendorGuard("pms", ["api"], GuardLimits(failure_threshold=1), lambda *_: None)
    with start_deadline(0.0), pytest.raises(VendorTimeout):
        await send(CallPolicy(guard=guard))

    assert guard.status().state == "closed"


async def test_wait_for_a_slot_counts_towards_the_deadline() -> None:
    """A full bulkhead does not let an event wait for its queue timeout."""
    limits = GuardLimits(max_concurrent=1, queue_timeout=3600.0)
    guard = VendorGuard("pms", ["api"], limits, lambda *_: None)
    hanging = asyncio.create_task(guard.run("api", "look up", asyncio.Event().wait))
    await asyncio.sleep(0)

    with start_deadline(0.2), pytest.raises(Exception, match="bulkhead_full"):
        await send(CallPolicy(guard=guard))

    hanging.cancel()


async def test_shared_fetch_ignores_the_deadline_of_the_event_that_started_it() -> None:
    """Another event may wait for the same fetch with more time."""
    cache: CoalescingCache[str, float | str] = CoalescingCache(max_size=1, ttl_seconds=60)

    async def fetch() -> float | str:
        return share_of_deadline() or "no deadline"

    with start_deadline(10.0):
        assert await cache.get_or_fetch("key", fetch) == "no deadline"
        assert share_of_deadline() is not None
