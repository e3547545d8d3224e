"""Total timeout and retries around a call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from stamina.instrumentation import set_on_retry_hooks

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import (
    AccessDenied,
    InvalidVendorResponse,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
)

T = TypeVar("T")
FAST = CallPolicy(backoff_initial=0.001, backoff_max=0.002, jitter=0.0)


class FlakyOperation:
    """An operation that fails with the given errors, then succeeds; it counts its calls."""

    def __init__(self, *errors: VendorError) -> None:
        self.errors = list(errors)
        self.call_count = 0

    async def __call__(self) -> str:
        """Raise the next error, or succeed if there is none."""
        self.call_count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def run(policy: CallPolicy, operation: Callable[[], Awaitable[T]], *, idempotent: bool = True) -> T:
    """Run an operation under a policy."""
    return await policy.run(
        "look up",
        operation,
        group="reservations",
        idempotent=idempotent,
        make_timeout_error=lambda: VendorTimeout("pms", "look up"),
    )


@pytest.mark.parametrize("error", [VendorTimeout, VendorUnavailable, RateLimited])
async def test_transient_error_of_idempotent_call_is_retried(error: type[VendorError]) -> None:
    """One transient error costs one more attempt."""
    operation = FlakyOperation(error("pms", "look up"))

    result = await run(FAST, operation)

    assert (result, operation.call_count) == ("done", 2)


@pytest.mark.parametrize("error", [NotFound, RequestRejected, AccessDenied, InvalidVendorResponse])
async def test_permanent_error_is_not_retried(error: type[VendorError]) -> None:
    """A repetition would get the same response."""
    operation = FlakyOperation(error("pms", "look up"))

    with pytest.raises(error):
        await run(FAST, operation)

    assert operation.call_count == 1


async def test_call_with_effects_is_not_retried() -> None:
    """A call that is not idempotent may have had its effect although it failed."""
    operation = FlakyOperation(VendorUnavailable("pms", "book"))

    with pytest.raises(VendorUnavailable):
        await run(FAST, operation, idempotent=False)

    assert operation.call_count == 1


async def test_number_of_attempts_is_bounded() -> None:
    """The error of the last attempt is raised."""
    operation = FlakyOperation(*(VendorUnavailable("pms", "look up", status=500 + n) for n in range(9)))

    with pytest.raises(VendorUnavailable) as raised:
        await run(FAST, operation)

    assert (operation.call_count, raised.value.status) == (3, 502)


@pytest.fixture
def scheduled_delays() -> Iterator[list[float]]:
    """The delays before further attempts, as stamina schedules them."""
    delays: list[float] = []
    set_on_retry_hooks([lambda details: delays.append(details.wait_for)])
    yield delays
    set_on_retry_hooks(None)


async def test_backoff_doubles_and_its_jitter_is_bounded(scheduled_delays: list[float]) -> None:
    """Two delays per call, of many calls."""
    policy = CallPolicy(backoff_initial=0.01, backoff_max=1.0, jitter=0.01)
    for _ in range(20):
        await run(policy, FlakyOperation(*[VendorUnavailable("pms", "look up")] * 2))

    first, second = scheduled_delays[::2], scheduled_delays[1::2]
    assert len(second) == 20
    assert all(0.01 <= delay <= 0.02 for delay in first)
    assert all(0.02 <= delay <= 0.03 for delay in second)
    assert max(first) - min(first) > 0.001


async def test_next_attempt_waits_for_retry_after() -> None:
    """The next attempt is not earlier than the vendor asked for."""
    loop = asyncio.get_running_loop()
    operation = FlakyOperation(RateLimited("pms", "look up", retry_after=0.05))
    started = loop.time()

    await run(FAST, operation)

    assert loop.time() - started >= 0.05


async def test_retry_after_beyond_total_timeout_ends_call_immediately() -> None:
    """The caller gets the delay instead of waiting for an attempt that cannot be made."""
    operation = FlakyOperation(RateLimited("pms", "look up", retry_after=3600))

    with pytest.raises(RateLimited) as raised:
        await run(FAST, operation)

    assert (operation.call_count, raised.value.retry_after) == (1, 3600)


async def test_total_timeout_ends_call_without_response() -> None:
    """A vendor that never responds costs the total timeout."""
    with pytest.raises(VendorTimeout):
        await run(CallPolicy(total_timeout=0.02), asyncio.Event().wait)
