"""The errors of PMS connectors.

PmsError
├── PmsUnavailableError           the PMS does not respond, or responds with an error of its own
├── ReservationNotFoundError      the reservation does not exist
├── PmsRejectedError              the PMS rejects the request: sold out, wrong status
├── CapabilityNotSupportedError   this PMS does not support the operation
└── InvalidStayRequestError       a parameter is invalid; nothing was sent
"""

from __future__ import annotations


class PmsError(Exception):
    """A PMS operation failed."""


class PmsUnavailableError(PmsError):
    """The PMS does not respond, limits the rate, or responds with a server error.

    Attributes:
        reason: the kind of failure, without personal data.
        retry_after: seconds to wait before the next attempt, if the PMS says so.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(f"the PMS is unavailable: {reason}")


class ReservationNotFoundError(PmsError):
    """The reservation does not exist."""


class PmsRejectedError(PmsError):
    """The PMS rejects the request. Its message is not kept, because it may contain personal data of a guest."""


class CapabilityNotSupportedError(PmsError):
    """This PMS does not support the operation."""

    def __init__(self, capability: str, provider: str) -> None:
        self.capability = capability
        super().__init__(f"{provider} does not support: {capability}")


class InvalidStayRequestError(PmsError):
    """A parameter is invalid; `problem` says which values are valid."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")
