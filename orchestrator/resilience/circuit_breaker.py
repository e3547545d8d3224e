"""A circuit breaker for one service."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import ClosedState, OpenedState

from orchestrator.resilience.errors import CIRCUIT_OPEN, CallRejectedError, OutageError

T = TypeVar("T")
STATE_NAMES = {"closed": "closed", "opened": "open", "half-opened": "half_open"}
"""The names of the circuit breaker pattern, by purgatory's names."""


@dataclass(frozen=True, slots=True)
class CircuitBreakerStatus:
    """The current status of a circuit breaker.

    Args:
        name: the service it protects.
        state: `closed`, `open` or `half_open`.
        failures: consecutive failures so far.
        retry_after: seconds until the next call is let through, or None unless the circuit is open.
    """

    name: str
    state: str
    failures: int
    retry_after: float | None


class CircuitBreaker:
    """Rejects calls after a number of consecutive outages, until a call succeeds again.

    Args:
        name: the service it protects.
        failure_threshold: consecutive `OutageError`s that open the circuit.
        reset_timeout: seconds an open circuit rejects all calls before it lets one through.
    """

    def __init__(self, name: str, *, failure_threshold: int, reset_timeout: float) -> None:
        self._name = name
        self._reset_timeout = reset_timeout
        # BaseException, because a cancelled call says nothing about the vendor
        self._circuits = AsyncCircuitBreakerFactory(
            failure_threshold, reset_timeout, [(BaseException, _does_not_count_as_failure)]
        )

    async def status(self) -> CircuitBreakerStatus:
        """Return the current status."""
        context = (await self._circuits.get_breaker(self._name)).context
        opened_at = context.opened_at
        retry_after = None if opened_at is None else self._seconds_until_reset(opened_at)
        return CircuitBreakerStatus(
            self._name, STATE_NAMES[context.state], context.failure_count or 0, retry_after
        )

    async def reset(self) -> None:
        """Close the circuit and forget its failures."""
        (await self._circuits.get_breaker(self._name)).context.set_state(ClosedState())

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run `attempt` if the circuit lets it through, and record its outcome.

        Raises:
            CallRejectedError: the circuit is open.
        """
        breaker = await self._circuits.get_breaker(self._name)
        try:
            async with breaker:
                return await attempt()
        except OpenedState as opened:
            raise CallRejectedError(CIRCUIT_OPEN, self._seconds_until_reset(opened.opened_at)) from None

    def _seconds_until_reset(self, opened_at: float) -> float:
        # not a monotonic clock: purgatory takes `opened_at` from time.time()
        return max(0.0, opened_at + self._reset_timeout - time.time())


def _does_not_count_as_failure(error: BaseException) -> bool:
    return not isinstance(error, OutageError)
