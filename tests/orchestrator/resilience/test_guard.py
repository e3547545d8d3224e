"""Circuit breaker and bulkhead around all calls to one vendor."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.resilience.errors import CallRejectedError, OutageError
from orchestrator.resilience.guard import GuardLimits, VendorGuard
from orchestrator.vendors.errors import NotFound, RateLimited, VendorError, VendorTimeout, VendorUnavailable

DEFAULT_LIMITS = GuardLimits()
Observation = tuple[str, str, str]


@pytest.fixture
def observations() -> list[Observation]:
    """Vendor, operation and outcome of each observed call."""
    return []


def create_guard(observations: list[Observation], limits: GuardLimits = DEFAULT_LIMITS) -> VendorGuard:
    """A guard that records its observations."""

    def observe(vendor: str, operation: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        observations.append((vendor, operation, outcome))

    return VendorGuard("pms", ["reservations", "offers"], limits, observe)


async def succeed() -> str:
    """An attempt that succeeds."""
    return "done"


async def fail() -> str:
    """An attempt that reports an outage."""
    raise VendorUnavailable("pms", "look up", status=503)


async def open_circuit(guard: VendorGuard, failures: int) -> None:
    """Let calls fail until the circuit is open."""
    for _ in range(failures):
        with pytest.raises(OutageError):
            await guard.run("reservations", "look up", fail)


async def test_open_circuit_of_one_group_does_not_block_another(observations: list[Observation]) -> None:
    """The vendor's status is that of its worst group, and both can be reset apart."""
    guard = create_guard(observations, GuardLimits(failure_threshold=1))
    await open_circuit(guard, 1)

    assert await guard.run("offers", "find offers", succeed) == "done"
    states = {name: status.state for name, status in guard.group_statuses().items()}
    assert states == {"reservations": "open", "offers": "closed"}
    assert guard.status().state == "open"
    guard.reset("offers")
    assert guard.status().state == "open"
    guard.reset("reservations")
    assert guard.status().state == "closed"


async def test_full_bulkhead_of_one_group_does_not_block_another(observations: list[Observation]) -> None:
    """Calls that hang hold the slots of their own group only."""
    guard = create_guard(observations, GuardLimits(max_concurrent=1))
    release = asyncio.Event()
    hanging = asyncio.create_task(guard.run("reservations", "look up", release.wait))
    await asyncio.sleep(0)

    assert await guard.run("offers", "find offers", succeed) == "done"
    release.set()
    await hanging


async def test_bulkhead_admits_50_calls_by_default(observations: list[Observation]) -> None:
    """The 51st call is rejected while 50 are running."""
    guard = create_guard(observations, GuardLimits(queue_timeout=0.01))
    release = asyncio.Event()
    hanging = [asyncio.create_task(guard.run("reservations", "look up", release.wait)) for _ in range(50)]
    await asyncio.sleep(0)

    with pytest.raises(CallRejectedError, match="bulkhead_full"):
        await guard.run("reservations", "look up", succeed)
    release.set()

    assert await asyncio.gather(*hanging) == [True] * 50


async def test_open_circuit_rejects_a_call_without_waiting_for_a_slot(
    observations: list[Observation],
) -> None:
    """Calls that hang until their timeout do not delay the rejection of others."""
    guard = create_guard(observations, GuardLimits(failure_threshold=1, max_concurrent=2, queue_timeout=3600))
    release = asyncio.Event()
    hanging = [asyncio.create_task(guard.run("reservations", "look up", release.wait))]
    await asyncio.sleep(0)
    await open_circuit(guard, 1)

    with pytest.raises(CallRejectedError, match="circuit_open"):
        await guard.run("reservations", "look up", succeed)
    release.set()
    await asyncio.gather(*hanging)


async def test_circuit_opens_after_consecutive_outages(observations: list[Observation]) -> None:
    """An open circuit rejects calls without an attempt and tells when to retry."""
    guard = create_guard(observations, GuardLimits(failure_threshold=2, reset_timeout=30.0))
    await open_circuit(guard, 2)

    with pytest.raises(CallRejectedError) as rejected:
        await guard.run("reservations", "look up", succeed)

    status = guard.status()
    assert rejected.value.reason == "circuit_open"
    assert rejected.value.retry_after is not None
    assert 0 < rejected.value.retry_after <= 30
    assert (status.name, status.state) == ("pms", "open")
    assert guard.group_statuses()["reservations"].name == "pms.reservations"
    assert status.retry_after is not None
    assert [outcome for _, _, outcome in observations] == [
        "VendorUnavailable",
        "VendorUnavailable",
        "circuit_open",
    ]


async def test_circuit_lets_one_call_through_after_reset_timeout(observations: list[Observation]) -> None:
    """A success closes the circuit again."""
    guard = create_guard(observations, GuardLimits(failure_threshold=1, reset_timeout=0.0))
    await open_circuit(guard, 1)

    assert await guard.run("reservations", "look up", succeed) == "done"
    assert guard.status().state == "closed"


async def test_reset_closes_circuit(observations: list[Observation]) -> None:
    """An operator does not have to wait for the reset timeout."""
    guard = create_guard(observations, GuardLimits(failure_threshold=1, reset_timeout=3600.0))
    await open_circuit(guard, 1)

    guard.reset()

    assert guard.status().state == "closed"
    assert await guard.run("reservations", "look up", succeed) == "done"


@pytest.mark.parametrize("error", [NotFound, RateLimited])
async def test_error_of_working_vendor_does_not_open_circuit(
    observations: list[Observation], error: type[VendorError]
) -> None:
    """A vendor that rejects a request is not down."""
    guard = create_guard(observations, GuardLimits(failure_threshold=1))

    async def reject() -> str:
        raise error("pms", "look up")

    for _ in range(3):
        with pytest.raises(error):
            await guard.run("reservations", "look up", reject)

    assert guard.status().state == "closed"


async def test_bulkhead_rejects_calls_beyond_its_limit(observations: list[Observation]) -> None:
    """At most `max_concurrent` calls run at a time; a further one is rejected after `queue_timeout`."""
    guard = create_guard(observations, GuardLimits(max_concurrent=2, queue_timeout=0.01))
    release = asyncio.Event()
    started: list[int] = []

    async def wait_for_release() -> None:
        started.append(1)
        await release.wait()

    running = [asyncio.create_task(guard.run("reservations", "look up", wait_for_release)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(CallRejectedError) as rejected:
        await guard.run("reservations", "look up", succeed)
    release.set()
    await asyncio.gather(*running)

    assert (rejected.value.reason, len(started)) == ("bulkhead_full", 2)
    assert sorted(outcome for _, _, outcome in observations) == ["bulkhead_full", "success", "success"]


async def test_cancelled_call_frees_its_slot(observations: list[Observation]) -> None:
    """Whether it was running or waiting: a caller who hangs up must not occupy the vendor for others."""
    guard = create_guard(observations, GuardLimits(max_concurrent=1, queue_timeout=5.0))
    calls = [
        asyncio.create_task(guard.run("reservations", "look up", asyncio.Event().wait)) for _ in range(2)
    ]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

    assert await guard.run("reservations", "look up", succeed) == "done"
    assert [outcome for _, _, outcome in observations] == ["cancelled", "cancelled", "success"]


async def test_waiting_call_gets_slot_that_becomes_free(observations: list[Observation]) -> None:
    """A call waits for its slot before it is rejected, and a failed call frees its slot."""
    guard = create_guard(observations, GuardLimits(max_concurrent=1, queue_timeout=5.0))
    release = asyncio.Event()

    async def fail_after_release() -> str:
        await release.wait()
        raise NotFound("pms", "look up")

    first = asyncio.create_task(guard.run("reservations", "look up", fail_after_release))
    second = asyncio.create_task(guard.run("reservations", "look up", succeed))
    await asyncio.sleep(0)
    release.set()

    with pytest.raises(NotFound):
        await first
    assert await second == "done"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (VendorTimeout("pms", "look up"), "VendorTimeout"),
        (NotFound("pms", "look up"), "NotFound"),
        (ValueError("bug"), "ValueError"),
        (asyncio.CancelledError(), "cancelled"),
    ],
    ids=["timeout", "not found", "bug", "cancelled"],
)
async def test_outcome_of_failed_call_is_observed(
    observations: list[Observation], error: BaseException, outcome: str
) -> None:
    """A call that did not succeed is never counted as a success."""

    async def attempt() -> str:
        raise error

    with pytest.raises(type(error)):
        await create_guard(observations).run("reservations", "look up", attempt)

    assert observations == [("pms", "look up", outcome)]


async def test_success_is_observed(observations: list[Observation]) -> None:
    """The outcome of a successful call is `success`."""
    await create_guard(observations).run("reservations", "book", succeed)

    assert observations == [("pms", "book", "success")]
