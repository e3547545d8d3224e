"""Errors of the service, without transport: `orchestrator.api` decides how each one is sent.

ServiceError
├── ValidationFailedError
├── NotFoundError
├── ConflictError
├── AuthenticationError
├── AuthorizationError
├── RateLimitExceededError
└── ServiceUnavailableError
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: its name and the valid values."""

    field: str
    problem: str


class ServiceError(Exception):
    """A request that cannot be carried out; the message is safe to send to the client.

    Attributes:
        code: the error code, in upper snake case.
        message: the explanation for people. It contains no personal data.
        retryable: whether the same request can succeed later.
        details: every invalid field.
        retry_after: seconds to wait before the next attempt, if known.
    """

    code, retryable = "INTERNAL_ERROR", False

    def __init__(
        self,
        message: str,
        *,
        details: Sequence[FieldError] = (),
        retry_after: float | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.message = message
        if retryable is not None:
            self.retryable = retryable
        self.details = tuple(details)
        self.retry_after = retry_after
        super().__init__(message)


class ValidationFailedError(ServiceError):
    """A field is missing or invalid."""

    code = "VALIDATION_ERROR"


class NotFoundError(ServiceError):
    """The requested resource does not exist."""

    code = "NOT_FOUND"


class ConflictError(ServiceError):
    """The request conflicts with the current state."""

    code = "CONFLICT"


class AuthenticationError(ServiceError):
    """The credentials are missing or invalid. The message never says why: a reason would help an attacker."""

    code = "AUTHENTICATION_ERROR"


class AuthorizationError(ServiceError):
    """The authenticated principal lacks a permission."""

    code = "AUTHORIZATION_ERROR"


class RateLimitExceededError(ServiceError):
    """Too many requests; `retry_after` says when the next one is allowed."""

    code, retryable = "RATE_LIMIT_EXCEEDED", True


class ServiceUnavailableError(ServiceError):
    """A dependency is unavailable."""

    code, retryable = "SERVICE_UNAVAILABLE", True
