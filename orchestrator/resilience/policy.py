"""Total timeout, retries with backoff and jitter, and an optional guard around every request to a vendor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import stamina

from orchestrator.resilience.deadline import limit_to_deadline
from orchestrator.resilience.errors import TransientError
from orchestrator.resilience.guard import VendorGuard

T = TypeVar("T")
SHORTEST_ATTEMPT_SECONDS = 0.05
"""With less time left than this, a request is not sent: a vendor would be blamed for what others have used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """How long a call may take and how often it is attempted. All times are in seconds.

    Args:
        total_timeout: for the whole call, all attempts and delays together; less if the event's deadline leaves less.
        attempt_timeout: for one attempt: for connecting, and for each wait for bytes.
        max_attempts: attempts of an idempotent call; any other call is attempted once.
        backoff_initial: the delay after the first failure; it doubles after each further one.
        backoff_max: the longest delay.
        jitter: the longest random time that is added to each delay.
        guard: the vendor's circuit breakers and bulkheads, which each call passes, all its attempts together.
    """

    total_timeout: float = 8.0
    attempt_timeout: float = 4.0
    max_attempts: int = 3
    backoff_initial: float = 0.1
    backoff_max: float = 2.0
    jitter: float = 0.1
    guard: VendorGuard | None = field(default=None, compare=False)

    async def run(
        self,
        operation: str,
        attempt: Callable[[], Awaitable[T]],
        *,
        group: str,
        idempotent: bool,
        make_timeout_error: Callable[[], Exception],
    ) -> T:
        """Run `attempt`, and repeat it after a `TransientError` if it is idempotent, until the total timeout.

        The delay before the next attempt is the error's `retry_after`, if it has one. If that ends after the total
        timeout, the call fails immediately.

        Args:
            operation: the name of the client operation.
            attempt: sends the request.
            group: the group of the guard that the operation belongs to.
            idempotent: whether `attempt` may be repeated.
            make_timeout_error: returns the error to raise when the total timeout or the event's deadline has passed.

        Raises:
            CallRejectedError: the guard rejected the call.
            Exception: the error of the last attempt, or that of `make_timeout_error`.
        """

        async def run_attempts() -> T:
            try:
                return await self._run_attempts(attempt, idempotent=idempotent)
            # translated inside of the guard, so that the circuit breaker counts a timeout as an outage
            except TimeoutError as error:
                raise make_timeout_error() from error

        if limit_to_deadline(self.total_timeout) < min(self.total_timeout, SHORTEST_ATTEMPT_SECONDS):
            raise make_timeout_error()
        if self.guard is None:
            return await run_attempts()
        return await self.guard.run(group, operation, run_attempts)

    async def _run_attempts(self, attempt: Callable[[], Awaitable[T]], *, idempotent: bool) -> T:
        deadline = asyncio.get_running_loop().time() + limit_to_deadline(self.total_timeout)
        async with asyncio.timeout_at(deadline):
            try:
                return await attempt()
            except TransientError as error:
                if not idempotent:
                    raise
                first_error = error
            # most calls need no second attempt, and stamina's bookkeeping takes as long as building their request
            async for attempt_context in self._attempts(deadline):
                with attempt_context:
                    if attempt_context.num == 1:
                        raise first_error
                    return await attempt()
        # for the type checker: the loop ends by a return or an error
        raise AssertionError("unreachable")

    def _attempts(self, deadline: float) -> AsyncIterator[stamina.Attempt]:
        def retry_delay(error: Exception) -> bool | float:
            if not isinstance(error, TransientError):
                return False
            if error.retry_after is None:
                return True
            remaining = deadline - asyncio.get_running_loop().time()
            return error.retry_after if error.retry_after < remaining else False

        return stamina.retry_context(
            on=retry_delay,
            attempts=self.max_attempts,
            # stamina looks at its timeout between attempts; timeout_at also ends a running one
            timeout=None,
            wait_initial=self.backoff_initial,
            wait_max=self.backoff_max,
            wait_jitter=self.jitter,
        )


NO_RETRY = CallPolicy(max_attempts=1)
"""A single attempt, so that a recorded pact holds one request."""
