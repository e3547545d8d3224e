"""What stands around all calls to one vendor: a circuit breaker, a bulkhead, and somebody who counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import ClosedState, OpenedState

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import ErrorDetails, VendorError, VendorTimeout, VendorUnavailable

T = TypeVar("T")
CallObserver = Callable[[str, str, str, float], None]
"""Told of each call: vendor, operation, outcome (`success` or the error's class), seconds."""

CIRCUIT_OPEN = "circuit_open"
BULKHEAD_FULL = "bulkhead_full"


def _does_not_count_as_failure(error: BaseException) -> bool:
    return not isinstance(error, VendorTimeout | VendorUnavailable)


STATE_NAMES = {"closed": "closed", "opened": "open", "half-opened": "half_open"}
"""The names of the circuit breaker pattern for purgatory's states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """When a vendor is left alone.

    Args:
        failures: calls in a row that were not answered, or answered 5xx, before the circuit opens.
        open_for: seconds until one more call is tried.
        concurrent: calls at a time; further ones wait.
        wait: seconds a call waits for its turn.
    """

    failure_threshold: int = 5
    reset_timeout: float = 30.0
    max_concurrent: int = 50
    queue_timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class CircuitBreakerStatus:
    """A circuit breaker as it is: `closed`, `open` or `half_open`; seconds until the next try when open."""

    name: str
    state: str
    failures: int
    retry_after: float | None


class VendorGuard:
    """Stands around one vendor.

    Args:
        vendor: its name, and the circuit's.
        limits: when it is left alone.
        observer: is told of each call.
    """

    def __init__(self, vendor: str, limits: GuardLimits, observer: CallObserver) -> None:
        self.vendor = vendor
        self._limits = limits
        self._observer = observer
        self._turns = asyncio.Semaphore(limits.max_concurrent)
        self._circuits = AsyncCircuitBreakerFactory(
            limits.failure_threshold, limits.reset_timeout, [(BaseException, _does_not_count_as_failure)]
        )

    async def state(self) -> CircuitBreakerStatus:
        """The circuit as it is."""
        context = (await self._circuits.get_breaker(self.vendor)).context
        opened = context.opened_at
        waits = None if opened is None else max(0.0, opened + self._limits.reset_timeout - time.time())
        return CircuitBreakerStatus(
            self.vendor, STATE_NAMES[context.state], context.failure_count or 0, waits
        )

    async def reset(self) -> None:
        """Close the circuit, as an operator who knows that the vendor is back."""
        (await self._circuits.get_breaker(self.vendor)).context.set_state(ClosedState())

    async def run(self, attempt: Callable[[], Awaitable[T]], make_error: Callable[[str], VendorError]) -> T:
        """Run a call when it is its turn and the circuit is closed.

        Args:
            attempt: the call, retries included.
            make_error: makes the error for a call that is not tried, from its code.

        Raises:
            VendorError: the call's own, or one that says why it was not tried.
        """
        started = time.perf_counter()
        outcome, operation = "success", make_error("").operation
        try:
            async with self._bulkhead_slot(make_error):
                return await self._through_circuit(attempt, make_error)
        except VendorError as error:
            outcome = error.code if error.code in {CIRCUIT_OPEN, BULKHEAD_FULL} else type(error).__name__
            raise
        finally:
            self._observer(self.vendor, operation, outcome, time.perf_counter() - started)

    async def _through_circuit(
        self, attempt: Callable[[], Awaitable[T]], failure: Callable[[str], VendorError]
    ) -> T:
        breaker = await self._circuits.get_breaker(self.vendor)
        try:
            async with breaker:
                return await attempt()
        except OpenedState as opened:
            error = failure(CIRCUIT_OPEN)
            error.retry_after = max(0.0, opened.opened_at + self._limits.reset_timeout - time.time())
            raise error from None

    @asynccontextmanager
    async def _bulkhead_slot(self, failure: Callable[[str], VendorError]) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limits.queue_timeout):
                await self._turns.acquire()
        except TimeoutError:
            raise failure(BULKHEAD_FULL) from None
        try:
            yield
        finally:
            self._turns.release()


@dataclass(frozen=True, kw_only=True)
class GuardedCallPolicy(CallPolicy):
    """A policy whose calls pass a guard."""

    guard: VendorGuard = field(compare=False)

    async def run(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        idempotent: bool,
        make_timeout_error: Callable[[], VendorError],
    ) -> T:
        """As `Policy.run`; a call that the guard does not let pass is a VendorUnavailable with the reason as its code."""

        def failure(code: str) -> VendorError:
            late = make_timeout_error()
            return VendorUnavailable(late.vendor, late.operation, refusal=ErrorDetails(code or None))

        async def tried() -> T:
            return await CallPolicy.run(
                self, attempt, idempotent=idempotent, make_timeout_error=make_timeout_error
            )

        return await self.guard.run(tried, failure)
