"""One policy object around every vendor call: deadline, retry with backoff and jitter.

A circuit breaker and a bulkhead wrap `Policy.run` (see `guard`), so that no client knows of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina

from orchestrator.vendors.errors import RateLimited, VendorError, VendorTimeout, VendorUnavailable

T = TypeVar("T")

RETRYABLE_ERRORS = (VendorTimeout, VendorUnavailable, RateLimited)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """How long a vendor call may take and how often it is tried. All times in seconds.

    Args:
        deadline: for the whole call, all attempts and waits together.
        attempt_timeout: for one attempt: connecting, and each wait for bytes.
        attempts: how often an idempotent call is tried in all; any other call is tried once.
        backoff_initial: the wait after the first failure; it doubles after each further one.
        backoff_max: the longest wait.
        jitter: a random part added to each wait, at most this long.
    """

    total_timeout: float = 8.0
    attempt_timeout: float = 4.0
    max_attempts: int = 3
    backoff_initial: float = 0.1
    backoff_max: float = 2.0
    jitter: float = 0.1

    async def run(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        idempotent: bool,
        make_timeout_error: Callable[[], VendorError],
    ) -> T:
        """Run `attempt`, again after a failure worth repeating if `idempotent`, until the deadline.

        A `retry_after` that the vendor asked for is waited for exactly; one beyond the deadline ends the call at once.

        Raises:
            VendorError: the last attempt's error, or `on_deadline()` when time ran out.
        """
        ends = asyncio.get_running_loop().time() + self.total_timeout
        try:
            async with asyncio.timeout_at(ends):
                async for tried in self._attempts(ends, idempotent=idempotent):
                    with tried:
                        return await attempt()
        except TimeoutError as error:
            raise make_timeout_error() from error
        raise AssertionError("unreachable")

    def _attempts(self, ends: float, *, idempotent: bool) -> AsyncIterator[stamina.Attempt]:
        def worth_repeating(error: Exception) -> bool | float:
            if not isinstance(error, RETRYABLE_ERRORS):
                return False
            if error.retry_after is None:
                return True
            remaining = ends - asyncio.get_running_loop().time()
            return error.retry_after if error.retry_after < remaining else False

        return stamina.retry_context(
            on=worth_repeating,
            attempts=self.max_attempts if idempotent else 1,
            timeout=None,
            wait_initial=self.backoff_initial,
            wait_max=self.backoff_max,
            wait_jitter=self.jitter,
        )


NO_RETRY = CallPolicy(max_attempts=1)
"""No repetition: what is recorded in a pact is one request."""
