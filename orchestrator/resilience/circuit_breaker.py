"""A circuit breaker for one group of a vendor's operations."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from orchestrator.resilience.errors import CIRCUIT_OPEN, CallRejectedError, OutageError

T = TypeVar("T")
CircuitState = Literal["closed", "half_open", "open"]
PROBE_RETRY_AFTER_SECONDS = 1.0
"""The retry time of a request that a running probe rejects; how long the probe takes is not known."""


@dataclass(frozen=True, slots=True)
class CircuitBreakerStatus:
    """The current status of a circuit breaker.

    Args:
        name: what it protects: `<vendor>.<group>`, or the vendor for all its groups together.
        state: `closed`, `open` or `half_open` (the next call is a probe, or a probe is running).
        failures: consecutive failures so far.
        retry_after: seconds until the next call is let through, or None unless the circuit is open.
    """

    name: str
    state: CircuitState
    failures: int
    retry_after: float | None


class CircuitBreaker:
    """Rejects calls after a number of consecutive outages; after a time it lets one call at a time through as a probe.

    A probe that fails opens the circuit again; one that the vendor answers closes it.

    Args:
        name: what it protects.
        failure_threshold: consecutive `OutageError`s that open the circuit.
        reset_timeout: seconds an open circuit rejects all calls.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        failure_threshold: int,
        reset_timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._failure_threshold = failure_threshold
        self._reset_timeout = reset_timeout
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probe_running = False
        self._transitions = 0

    def status(self) -> CircuitBreakerStatus:
        """Return the current status."""
        state = self._state()
        retry_after = self._seconds_until_probe() if state == "open" else None
        return CircuitBreakerStatus(self.name, state, self._failures, retry_after)

    def reset(self) -> None:
        """Close the circuit and forget its failures."""
        self._failures = 0
        self._move_to(None)

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run `attempt` if the circuit lets it through, and record its outcome.

        Raises:
            CallRejectedError: the circuit is open, or half-open with a running probe.
        """
        self.reject_if_open()
        return await (self._observe(attempt) if self._opened_at is None else self._probe(attempt))

    def reject_if_open(self) -> None:
        """Check that the circuit would let a call through now.

        Raises:
            CallRejectedError: it would not.
        """
        state = self._state()
        if state == "open":
            raise CallRejectedError(CIRCUIT_OPEN, self._seconds_until_probe())
        if state == "half_open" and self._probe_running:
            raise CallRejectedError(CIRCUIT_OPEN, PROBE_RETRY_AFTER_SECONDS)

    async def _probe(self, attempt: Callable[[], Awaitable[T]]) -> T:
        self._probe_running = True
        transitions = self._transitions
        try:
            return await self._observe(attempt)
        finally:
            # a cancelled probe says nothing about the vendor: the next call is the probe then
            if self._transitions == transitions:
                self._probe_running = False

    async def _observe(self, attempt: Callable[[], Awaitable[T]]) -> T:
        transitions = self._transitions
        try:
            result = await attempt()
        except OutageError:
            # a call that began before the circuit changed says nothing about the vendor's present state
            if self._transitions == transitions:
                self._record_outage()
            raise
        except Exception:
            # any other error means that the vendor responded
            self._record_response(transitions)
            raise
        self._record_response(transitions)
        return result

    def _record_outage(self) -> None:
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._failure_threshold:
            self._move_to(self._clock())

    def _record_response(self, transitions: int) -> None:
        if self._transitions == transitions:
            self._failures = 0
            if self._opened_at is not None:
                self._move_to(None)

    def _move_to(self, opened_at: float | None) -> None:
        self._opened_at = opened_at
        self._probe_running = False
        self._transitions += 1

    def _state(self) -> CircuitState:
        if self._opened_at is None:
            return "closed"
        return "open" if self._seconds_until_probe() > 0 else "half_open"

    def _seconds_until_probe(self) -> float:
        return 0.0 if self._opened_at is None else self._opened_at + self._reset_timeout - self._clock()
