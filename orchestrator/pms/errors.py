"""What can go wrong at a PMS.

PmsError
├── PmsUnavailable      it does not answer, or says that it is broken
├── StayNotFound        there is no such reservation
├── PmsRefused          it understood and will not: sold out, not in this status
├── NotSupported        this kind of PMS cannot do it
└── InvalidInput        what was asked makes no sense; nothing was sent
"""

from __future__ import annotations


class PmsError(Exception):
    """A PMS did not do what was asked."""


class PmsUnavailableError(PmsError):
    """It does not answer, limits us, or says that it is broken; `retry_after` in seconds, if known."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(f"the PMS is not available: {reason}")


class ReservationNotFoundError(PmsError):
    """There is no such reservation."""


class PmsRejectedError(PmsError):
    """It understood and will not; its own words are not kept, they may hold a guest's data."""


class CapabilityNotSupportedError(PmsError):
    """This kind of PMS cannot do it."""

    def __init__(self, capability: str, kind: str) -> None:
        self.capability = capability
        super().__init__(f"{kind} cannot do this: {capability}")


class InvalidStayRequestError(PmsError):
    """A field makes no sense, and what would."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")
