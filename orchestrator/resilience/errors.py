"""The errors that retries and circuit breakers react to; a client's own errors derive from them."""

from __future__ import annotations

from typing import Final, Literal

RejectionReason = Literal["circuit_open", "bulkhead_full"]
CIRCUIT_OPEN: Final = "circuit_open"
BULKHEAD_FULL: Final = "bulkhead_full"


class TransientError(Exception):
    """A failure after which an idempotent call is worth repeating.

    Attributes:
        retry_after: seconds to wait before the next attempt, or None if the service did not ask for a delay.
    """

    retry_after: float | None = None


class OutageError(TransientError):
    """A failure that counts towards opening the circuit: no response, or a response that reports an outage."""


class CallRejectedError(Exception):
    """A call was not attempted.

    Attributes:
        reason: why the guard rejected the call.
        retry_after: seconds until an open circuit lets the next call through, or None.
    """

    def __init__(self, reason: RejectionReason, retry_after: float | None = None) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(reason)
