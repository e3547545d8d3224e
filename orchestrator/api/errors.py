"""What the service answers when it does not do what was asked: one form for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request: which field, and what would be right."""

    field: str
    problem: str


class ApiError(Exception):
    """An answer that is no success.

    Attributes:
        status: the HTTP status.
        code: in upper snake case, for machines.
        message: for people; holds nothing that a guest said or is.
        retryable: the same request may succeed later.
        details: each field that is wrong.
        retry_after: seconds to wait, if known.
    """

    status, code, retryable = 500, "INTERNAL_ERROR", False

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


class ValidationFailedError(ApiError):
    """A field is missing or wrong."""

    status, code = 422, "VALIDATION_ERROR"


class NotFoundError(ApiError):
    """What was asked for does not exist."""

    status, code = 404, "NOT_FOUND"


class ConflictError(ApiError):
    """What was asked for does not fit what is."""

    status, code = 409, "CONFLICT"


class AuthenticationError(ApiError):
    """Nobody we know sends this. Never says why: that would help whoever guesses."""

    status, code = 401, "AUTHENTICATION_ERROR"


class AuthorizationError(ApiError):
    """We know who sends this, and they may not."""

    status, code = 403, "AUTHORIZATION_ERROR"


class RateLimitExceededError(ApiError):
    """Too many requests; `retry_after` says when to come back."""

    status, code, retryable = 429, "RATE_LIMIT_EXCEEDED", True


class ServiceUnavailableError(ApiError):
    """Something the answer needs is away."""

    status, code, retryable = 503, "SERVICE_UNAVAILABLE", True
