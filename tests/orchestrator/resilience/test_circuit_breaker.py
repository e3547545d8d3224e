"""The states of a circuit breaker, by a clock that the test sets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from orchestrator.resilience.circuit_breaker import CircuitBreaker
from orchestrator.resilience.errors import CallRejectedError, OutageError
from tests.orchestrator.clock import Clock

RESET_SECONDS = 30.0
THRESHOLD = 2


@pytest.fixture
def clock() -> Clock:
    """The breaker's clock."""
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    """A breaker that opens after two outages."""
    return CircuitBreaker("pms", failure_threshold=THRESHOLD, reset_timeout=RESET_SECONDS, clock=clock)


async def succeed() -> str:
    """An attempt that succeeds."""
    return "done"


async def fail() -> str:
    """An attempt that meets an outage."""
    raise OutageError


async def reject() -> str:
    """An attempt that the vendor rejects."""
    raise LookupError


async def open_circuit(breaker: CircuitBreaker) -> None:
    """Let calls fail until the circuit is open."""
    for _ in range(THRESHOLD):
        with pytest.raises(OutageError):
            await breaker.run(fail)


def hold(attempt: Callable[[], Awaitable[str]], release: asyncio.Event) -> Callable[[], Awaitable[str]]:
    """Return an attempt that waits for the release first."""

    async def held() -> str:
        await release.wait()
        return await attempt()

    return held


async def test_open_circuit_becomes_half_open_after_reset_time(breaker: CircuitBreaker, clock: Clock) -> None:
    """Until then it tells how long it rejects calls."""
    await open_circuit(breaker)
    clock.now += RESET_SECONDS - 1
    almost = breaker.status()
    clock.now += 1

    assert (almost.state, almost.retry_after, almost.failures) == ("open", 1.0, THRESHOLD)
    assert (breaker.status().state, breaker.status().retry_after) == ("half_open", None)


async def test_half_open_circuit_admits_one_probe_at_a_time(breaker: CircuitBreaker, clock: Clock) -> None:
    """All others are rejected until the probe has ended, and its success closes the circuit."""
    await open_circuit(breaker)
    clock.now += RESET_SECONDS
    release = asyncio.Event()
    probe = asyncio.create_task(breaker.run(hold(succeed, release)))
    await asyncio.sleep(0)

    results = await asyncio.gather(*(breaker.run(succeed) for _ in range(20)), return_exceptions=True)
    state_during_probe = breaker.status().state
    release.set()

    assert {type(result) for result in results} == {CallRejectedError}
    assert (state_during_probe, await probe, breaker.status().state) == ("half_open", "done", "closed")


async def test_failed_probe_opens_the_circuit_for_another_reset_time(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    """One outage is enough, whatever the threshold is."""
    await open_circuit(breaker)
    clock.now += RESET_SECONDS

    with pytest.raises(OutageError):
        await breaker.run(fail)

    assert (breaker.status().state, breaker.status().retry_after) == ("open", RESET_SECONDS)


async def test_rejected_probe_closes_the_circuit(breaker: CircuitBreaker, clock: Clock) -> None:
    """A vendor that rejects a request is available."""
    await open_circuit(breaker)
    clock.now += RESET_SECONDS

    with pytest.raises(LookupError):
        await breaker.run(reject)

    assert breaker.status().state == "closed"


async def test_cancelled_probe_leaves_the_circuit_half_open(breaker: CircuitBreaker, clock: Clock) -> None:
    """The next call is the probe: a cancelled one says nothing about the vendor."""
    await open_circuit(breaker)
    clock.now += RESET_SECONDS
    probe = asyncio.create_task(breaker.run(hold(succeed, asyncio.Event())))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe

    assert breaker.status().state == "half_open"
    assert await breaker.run(succeed) == "done"


@pytest.mark.parametrize("attempt", [succeed, fail])
async def test_result_of_call_from_before_the_outage_changes_nothing(
    breaker: CircuitBreaker, clock: Clock, attempt: Callable[[], Awaitable[str]]
) -> None:
    """A call that began while the circuit was closed and ends when it is half-open is not a probe."""
    release = asyncio.Event()
    early = asyncio.create_task(breaker.run(hold(attempt, release)))
    await asyncio.sleep(0)
    await open_circuit(breaker)
    clock.now += RESET_SECONDS
    release.set()
    await asyncio.wait({early})

    assert breaker.status().state == "half_open"
    assert early.exception() is None or isinstance(early.exception(), OutageError)


async def test_result_of_probe_after_a_reset_changes_nothing(breaker: CircuitBreaker, clock: Clock) -> None:
    """An operator's reset is not undone by a probe that began before it."""
    await open_circuit(breaker)
    clock.now += RESET_SECONDS
    release = asyncio.Event()
    probe = asyncio.create_task(breaker.run(hold(fail, release)))
    await asyncio.sleep(0)
    breaker.reset()
    release.set()
    await asyncio.wait({probe})

    assert (breaker.status().state, breaker.status().failures) == ("closed", 0)
    assert isinstance(probe.exception(), OutageError)


async def test_success_forgets_earlier_outages(breaker: CircuitBreaker) -> None:
    """Only consecutive outages count."""
    for attempt in (fail, succeed, fail):
        await asyncio.gather(breaker.run(attempt), return_exceptions=True)

    assert (breaker.status().state, breaker.status().failures) == ("closed", 1)
