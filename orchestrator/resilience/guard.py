"""Circuit breaker, bulkhead and metrics around all requests to one vendor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
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


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """When calls to a vendor are rejected.

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
    """Guards all calls to one vendor.

    Args:
        vendor: the vendor's name, which is also the circuit breaker's.
        limits: when calls are rejected.
        observer: receives the outcome of each call.
    """

    def __init__(self, vendor: str, limits: GuardLimits, observer: CallObserver) -> None:
        self.vendor = vendor
        self._observer = observer
        self._bulkhead = Bulkhead(max_concurrent=limits.max_concurrent, queue_timeout=limits.queue_timeout)
        self._breaker = CircuitBreaker(
            vendor, failure_threshold=limits.failure_threshold, reset_timeout=limits.reset_timeout
        )

    async def state(self) -> CircuitBreakerStatus:
        """Return the status of the circuit breaker."""
        return await self._breaker.status()

    async def reset(self) -> None:
        """Close the circuit, for an operator who knows that the vendor has recovered."""
        await self._breaker.reset()

    async def run(self, operation: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run a call, retries included, if the bulkhead has a free slot and the circuit lets it through.

        Raises:
            CallRejectedError: the call was not attempted.
        """
        started = time.perf_counter()
        outcome = "success"
        try:
            # outside of the circuit breaker: a call that gets no slot says nothing about the vendor
            async with self._bulkhead.slot():
                return await self._breaker.run(attempt)
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
