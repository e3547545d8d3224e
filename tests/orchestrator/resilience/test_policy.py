"""Deadline and retries around a vendor call."""

from __future__ import annotations

import asyncio

import pytest

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

QUICK = CallPolicy(backoff_initial=0.001, backoff_max=0.002, jitter=0.0)


class FlakyOperation:
    """An operation that fails with the given errors, then succeeds; it counts its calls."""

    def __init__(self, *errors: VendorError) -> None:
        self.errors = list(errors)
        self.made = 0

    async def __call__(self) -> str:
        """Fail or succeed, as it was told."""
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def timed_out() -> VendorError:
    """What the policy raises when the deadline has passed."""
    return VendorTimeout("pms", "look up")


@pytest.mark.parametrize("error", [VendorTimeout, VendorUnavailable, RateLimited])
async def test_an_idempotent_call_is_repeated(error: type[VendorError]) -> None:
    """A passing failure of an idempotent call costs one more attempt, and nothing else."""
    calls = FlakyOperation(error("pms", "look up"))

    result = await QUICK.run(calls, idempotent=True, make_timeout_error=timed_out)

    assert (result, calls.made) == ("done", 2)


@pytest.mark.parametrize("error", [NotFound, RequestRejected, AccessDenied, InvalidVendorResponse])
async def test_a_final_failure_is_not_repeated(error: type[VendorError]) -> None:
    """What the vendor will say again is not asked again."""
    calls = FlakyOperation(error("pms", "look up"))

    with pytest.raises(error):
        await QUICK.run(calls, idempotent=True, make_timeout_error=timed_out)

    assert calls.made == 1


async def test_a_call_with_effects_is_made_once() -> None:
    """A call that is not idempotent is never repeated: the first may have had its effect."""
    calls = FlakyOperation(VendorUnavailable("pms", "book"))

    with pytest.raises(VendorUnavailable):
        await QUICK.run(calls, idempotent=False, make_timeout_error=timed_out)

    assert calls.made == 1


async def test_the_attempts_are_bounded() -> None:
    """After the last attempt its error comes out."""
    calls = FlakyOperation(*(VendorUnavailable("pms", "look up", status=500 + n) for n in range(9)))

    with pytest.raises(VendorUnavailable) as caught:
        await QUICK.run(calls, idempotent=True, make_timeout_error=timed_out)

    assert (calls.made, caught.value.status) == (3, 502)


async def test_retry_after_is_waited_for() -> None:
    """The next attempt comes no earlier than the vendor asked for."""
    loop = asyncio.get_running_loop()
    calls = FlakyOperation(RateLimited("pms", "look up", retry_after=0.05))
    started = loop.time()

    await QUICK.run(calls, idempotent=True, make_timeout_error=timed_out)

    assert loop.time() - started >= 0.05


async def test_a_retry_after_beyond_the_deadline_ends_the_call_at_once() -> None:
    """No time is spent waiting for an attempt that could not be made; the caller learns when to come back."""
    calls = FlakyOperation(RateLimited("pms", "look up", retry_after=3600))

    with pytest.raises(RateLimited) as caught:
        await QUICK.run(calls, idempotent=True, make_timeout_error=timed_out)

    assert (calls.made, caught.value.retry_after) == (1, 3600)


async def test_the_deadline_ends_a_call_that_hangs() -> None:
    """A vendor that never answers costs the deadline, not more."""
    policy = CallPolicy(total_timeout=0.02)

    with pytest.raises(VendorTimeout):
        await policy.run(asyncio.Event().wait, idempotent=True, make_timeout_error=timed_out)
