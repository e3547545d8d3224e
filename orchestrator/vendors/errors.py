"""The errors of all vendor clients.

    VendorError
    ├── VendorTimeout            no response within the timeout
    ├── VendorUnavailable        no connection, a 5xx response, or a call that the guard rejected
    ├── RateLimited              429; `retry_after` gives the delay
    ├── AccessDenied             401 or 403: the credentials are wrong or lack a permission
    ├── NotFound                 404: the requested entity does not exist
    ├── RequestRejected          any other 4xx, or a request that cannot be sent
    └── InvalidVendorResponse    the response does not match the vendor's contract

An error never carries what was sent, or a field of a guest.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.resilience.errors import OutageError, TransientError


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What a vendor's error body says: a machine-readable code, if any, and messages."""

    code: str | None = None
    messages: tuple[str, ...] = ()


NO_DETAILS = ErrorDetails()
BODY_LENGTH = "body length"
"""Named among the invalid fields of a response that is too long."""


class VendorError(Exception):
    """A request to a vendor failed.

    Attributes:
        vendor: the vendor's name, as in the pacts.
        operation: the client operation that failed.
        status: the HTTP status, or None if there was no response.
        code: the vendor's own error code, if it sent one, or the reason why the guard rejected the call.
        messages: the vendor's own messages, for people; code must not depend on them.
        retry_after: seconds to wait before the next attempt, if the vendor said so.
    """

    def __init__(
        self,
        vendor: str,
        operation: str,
        *,
        status: int | None = None,
        details: ErrorDetails = NO_DETAILS,
        retry_after: float | None = None,
    ) -> None:
        self.vendor = vendor
        self.operation = operation
        self.status = status
        self.code = details.code
        self.messages = details.messages
        self.retry_after = retry_after
        super().__init__(self._describe())

    def _describe(self) -> str:
        result = f"responded with {self.status}" if self.status else "no response"
        code = f" ({self.code})" if self.code else ""
        return f"{self.vendor} {self.operation}: {result}{code}"


class VendorTimeout(VendorError, OutageError):
    """The vendor did not respond within the timeout."""


class VendorUnavailable(VendorError, OutageError):
    """The vendor cannot be reached, or reports an error of its own (5xx)."""


class RateLimited(VendorError, TransientError):
    """The vendor asks for fewer requests (429)."""


class AccessDenied(VendorError):
    """The vendor does not accept the credentials (401) or requires another permission (403)."""


class NotFound(VendorError):
    """The requested entity does not exist (404)."""


class RequestRejected(VendorError):
    """The vendor understood the request and rejects it (any other 4xx), or the request cannot be sent."""


class InvalidVendorResponse(VendorError):
    """The response does not match the vendor's contract.

    Attributes:
        fields: the invalid parts, as dotted paths without values, because a value may be personal data.
    """

    def __init__(
        self, vendor: str, operation: str, *, status: int | None = None, fields: tuple[str, ...] = ()
    ) -> None:
        self.fields = fields
        super().__init__(vendor, operation, status=status)

    @property
    def is_too_long(self) -> bool:
        """Whether the response was not read to its end, because it is longer than any that is expected."""
        return BODY_LENGTH in self.fields

    def _describe(self) -> str:
        fields = ", ".join(self.fields) or "the whole body"
        return f"{self.vendor} {self.operation}: response {self.status} is invalid at {fields}"


_ERROR_CLASSES: dict[int, type[VendorError]] = {
    401: AccessDenied,
    403: AccessDenied,
    404: NotFound,
    429: RateLimited,
}


def error_class_for_status(status: int) -> type[VendorError]:
    """Return the error class for an HTTP status that does not mean success."""
    if status in _ERROR_CLASSES:
        return _ERROR_CLASSES[status]
    if status >= 500:
        return VendorUnavailable
    # the rest are redirects and unexpected successes, which no contract contains
    return RequestRejected if status >= 400 else InvalidVendorResponse
