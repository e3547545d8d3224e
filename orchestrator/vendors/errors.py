"""What can go wrong at a vendor, in words the rest of the orchestrator understands.

    VendorError
    ├── VendorTimeout        no answer within the deadline
    ├── VendorUnavailable    no connection, or the vendor answered 5xx
    ├── RateLimited          429; `retry_after` says when to come back
    ├── Unauthorised         401 or 403: our credentials are wrong or lack a right
    ├── NotFound             404: the thing asked for does not exist
    ├── Rejected             any other 4xx: the vendor understood and refuses
    └── ProtocolViolation    the vendor answered something its contract does not allow

Every error carries data, never only prose. No error carries what was sent or any field of a guest.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What a vendor's error body says: a machine-readable code, if any, and its messages."""

    code: str | None = None
    messages: tuple[str, ...] = ()


class VendorError(Exception):
    """A call to a vendor failed.

    Attributes:
        vendor: the vendor's name, as in the pacts.
        operation: the client operation that failed.
        status: the HTTP status, or None when there was no answer.
        code: the vendor's own error code, if it sent one.
        messages: the vendor's own messages, for people; never match on them.
        retry_after: seconds to wait before the next try, if the vendor said so.
    """

    def __init__(
        self,
        vendor: str,
        operation: str,
        *,
        status: int | None = None,
        refusal: ErrorDetails | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.vendor = vendor
        self.operation = operation
        self.status = status
        self.code = refusal.code if refusal else None
        self.messages = refusal.messages if refusal else ()
        self.retry_after = retry_after
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        answered = f"answered {self.status}" if self.status else "did not answer"
        code = f" ({self.code})" if self.code else ""
        return f"{self.vendor} {self.operation}: {answered}{code}"


class VendorTimeout(VendorError):
    """The vendor did not answer within the deadline."""


class VendorUnavailable(VendorError):
    """The vendor cannot be reached, or says itself that it is broken (5xx)."""


class RateLimited(VendorError):
    """The vendor wants fewer requests (429)."""


class AccessDenied(VendorError):
    """The vendor does not accept our credentials (401) or wants another right (403)."""


class NotFound(VendorError):
    """The thing asked for does not exist (404)."""


class RequestRejected(VendorError):
    """The vendor understood the request and refuses it (another 4xx)."""


class InvalidVendorResponse(VendorError):
    """The vendor's answer is not what its contract says.

    Attributes:
        fields: where the answer is wrong, as dotted paths without values (an answer may hold a guest's data).
    """

    def __init__(
        self, vendor: str, operation: str, *, status: int | None = None, fields: tuple[str, ...] = ()
    ) -> None:
        self.fields = fields
        super().__init__(vendor, operation, status=status)

    def _sentence(self) -> str:
        where = ", ".join(self.fields) or "the answer as a whole"
        return f"{self.vendor} {self.operation}: answer {self.status} breaks the contract at {where}"


_BY_STATUS: dict[int, type[VendorError]] = {
    401: AccessDenied,
    403: AccessDenied,
    404: NotFound,
    429: RateLimited,
}


def error_class_for_status(status: int) -> type[VendorError]:
    """The error class for an HTTP status that is no success."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return VendorUnavailable
    return RequestRejected if status >= 400 else InvalidVendorResponse
