"""Circuit breakers, bulkheads and metrics around all requests to one vendor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from orchestrator.resilience.bulkhead import Bulkhead
from orchestrator.resilience.circuit_breaker import CircuitBreaker, CircuitBreakerStatus
from orchestrator.resilience.errors import CallRejectedError

T = TypeVar("T")
CallObserver = Callable[[str, str, str, float], None]
"""Receives vendor, operation, outcome and duration in seconds of each call.

The outcome is `success`, the reason of a rejection, `cancelled`, or the name of the error's class.
"""
STATES_BY_SEVERITY = ("closed", "half_open", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """When calls to a group of a vendor's operations are rejected.

    Args:
        failure_threshold: consecutive outages that open the circuit.
        reset_timeout: seconds until an open circuit lets one call through.
        max_concurrent: calls that may run at the same time.
        queue_timeout: seconds a call waits for a free slot.
    """

    failure_threshold: int = 5
    reset_timeout: float = 30.0
    max_concurrent: int = 50
    queue_timeout: float = 2.0


class VendorGuard:
    """Guards all calls to one vendor; each group of operations has a circuit breaker and a bulkhead of its own.

    Args:
        vendor: the vendor's name.
        groups: the groups of its operations; the circuit breaker of a group is named `<vendor>.<group>`.
        limits: when calls of a group are rejected.
        observer: receives the outcome of each call.
    """

    def __init__(
        self, vendor: str, groups: Iterable[str], limits: GuardLimits, observer: CallObserver
    ) -> None:
        self.vendor = vendor
        self._observer = observer
        self._groups = {group: _create_group(f"{vendor}.{group}", limits) for group in groups}

    def group_statuses(self) -> dict[str, CircuitBreakerStatus]:
        """Return the status of each group's circuit breaker, by group."""
        return {name: group.breaker.status() for name, group in self._groups.items()}

    def status(self) -> CircuitBreakerStatus:
        """Return the status of the vendor: that of the group that is worst off, under the vendor's name."""
        worst = max(
            self.group_statuses().values(),
            key=lambda status: (STATES_BY_SEVERITY.index(status.state), status.failures),
        )
        return CircuitBreakerStatus(self.vendor, worst.state, worst.failures, worst.retry_after)

    def reset(self, group: str | None = None) -> None:
        """Close the circuit of a group, or of all groups, for an operator who knows that the vendor has recovered."""
        for name, guarded in self._groups.items():
            if group in (None, name):
                guarded.breaker.reset()

    async def run(self, group: str, operation: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run a call, retries included, if the bulkhead has a free slot and the circuit lets it through.

        Raises:
            CallRejectedError: the call was not attempted.
        """
        started = time.perf_counter()
        outcome = "success"
        try:
            return await self._groups[group].run(attempt)
        except CallRejectedError as error:
            outcome = error.reason
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            self._observer(self.vendor, operation, outcome, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _GuardedGroup:
    bulkhead: Bulkhead
    breaker: CircuitBreaker

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        # first, so that no request waits for a slot to a vendor that is known to be away
        self.breaker.reject_if_open()
        # outside of the circuit breaker: a call that gets no slot says nothing about the vendor
        async with self.bulkhead:
            return await self.breaker.run(attempt)


def _create_group(name: str, limits: GuardLimits) -> _GuardedGroup:
    return _GuardedGroup(
        Bulkhead(max_concurrent=limits.max_concurrent, queue_timeout=limits.queue_timeout),
        CircuitBreaker(name, failure_threshold=limits.failure_threshold, reset_timeout=limits.reset_timeout),
    )
