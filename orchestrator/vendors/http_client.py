"""HTTP requests to one vendor: base URL, call policy, and the only translation of httpx errors into VendorErrors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from orchestrator.resilience.errors import CallRejectedError
from orchestrator.resilience.policy import CallPolicy
from orchestrator.resilience.retry_after import parse_retry_after
from orchestrator.vendors.errors import (
    BODY_LENGTH,
    ErrorDetails,
    InvalidVendorResponse,
    RequestRejected,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
    error_class_for_status,
)
from orchestrator.vendors.failure_log import log_failure
from orchestrator.vendors.models import parse_json
from orchestrator.vendors.operation_groups import group_of

MAX_RESPONSE_BYTES = 16 * 1024 * 1024
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""They say that the body is empty if there is none (RFC 9110, 8.6)."""
# InvalidURL is not an HTTPError
HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRequest:
    """One request to a vendor.

    Args:
        operation: the name of the client operation, for errors, metrics and traces.
        method: the HTTP method.
        path: relative to the vendor's base URL, with its segments already quoted.
        success_statuses: the statuses that mean success.
        query: parameters in order; those that are None are left out.
        headers: credentials and other headers.
        json: a JSON body.
        form: a form body.
        idempotent: whether the request can be repeated without a second effect.
        media_type: the start of the media type that a success must have, if its body is not parsed: a proxy's page would
            otherwise count as a success.
    """

    operation: str
    method: str
    path: str
    success_statuses: tuple[int, ...] = (200,)
    query: Mapping[str, str | int | None] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    idempotent: bool = False
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class VendorResponse:
    """A complete response: status, headers and body as received."""

    operation: str
    status: int
    headers: httpx.Headers
    body: bytes


class VendorHttpClient:
    """Sends requests to one vendor under one policy.

    Args:
        vendor: the vendor's name, as in the pacts.
        base_url: the address of the vendor's API.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.
        parse_error: reads the vendor's error body; it must not copy text that may hold a secret.
    """

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        http: httpx.AsyncClient,
        policy: CallPolicy,
        parse_error: Callable[[VendorResponse], ErrorDetails],
    ) -> None:
        self.vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._http = http
        self._default_headers = dict(http.headers)
        self._extensions = {"timeout": httpx.Timeout(policy.attempt_timeout).as_dict()}
        self._policy = policy
        self._parse_error = parse_error

    async def send(self, request: VendorRequest) -> VendorResponse:
        """Send a request and return the complete response if its status means success.

        Raises:
            VendorError: as listed in `orchestrator.vendors.errors`.
        """
        return await self.send_and_read(request, lambda response: response)

    async def send_and_parse(self, model: type[T], request: VendorRequest) -> T:
        """Send a request and parse its JSON response into a model, or a list of one.

        Raises:
            VendorError: as listed in `orchestrator.vendors.errors`.
        """
        return await self.send_and_read(request, partial(self.parse_json, model))

    async def send_and_read(self, request: VendorRequest, read: Callable[[VendorResponse], T]) -> T:
        """Send a request and return what `read` makes of the response; what it rejects is no success for the guard either.

        Raises:
            VendorError: as listed in `orchestrator.vendors.errors`, or from `read`.
        """

        async def attempt() -> T:
            response = await self._send_once(request)
            try:
                complete = await self._read(request, response)
            finally:
                await response.aclose()
            return read(complete)

        return await self.run(request, attempt)

    @asynccontextmanager
    async def stream(self, request: VendorRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send a request and give the body in chunks as they arrive.

        The total timeout ends with the response's headers; after that each wait for bytes has the attempt timeout.

        Raises:
            VendorError: as listed in `orchestrator.vendors.errors`; also while iterating, if the response breaks off.
        """
        response = await self.run(request, lambda: self._send_once(request))
        try:
            yield self._iter_logged_chunks(request, response)
        finally:
            await response.aclose()

    def parse_json(self, model: type[T], response: VendorResponse) -> T:
        """Parse a JSON response into a model, or a list of one.

        Raises:
            InvalidVendorResponse: with the paths of the invalid fields, without their values.
        """
        return parse_json(
            model, response.body, vendor=self.vendor, operation=response.operation, status=response.status
        )

    async def run(self, request: VendorRequest, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run what sends a request under the policy: its deadline, retries, circuit breaker and bulkhead.

        Args:
            request: names the operation and the group; the handshake of a WebSocket is sent by `attempt` itself.
            attempt: sends the request; it raises VendorErrors only.

        Raises:
            VendorError: as listed in `orchestrator.vendors.errors`.
        """
        with log_failure():
            try:
                return await self._policy.run(
                    request.operation,
                    attempt,
                    group=group_of(self.vendor, request.path),
                    idempotent=request.idempotent,
                    make_timeout_error=lambda: VendorTimeout(self.vendor, request.operation),
                )
            except CallRejectedError as error:
                details, delay = ErrorDetails(error.reason), error.retry_after
                raise VendorUnavailable(
                    self.vendor, request.operation, details=details, retry_after=delay
                ) from None

    async def _send_once(self, request: VendorRequest) -> httpx.Response:
        try:
            # a redirect would carry keys and bodies to another address
            response = await self._http.send(self._build(request), stream=True, follow_redirects=False)
        except HTTPX_ERRORS as error:
            raise self._translated(error, request) from error
        succeeded = response.status_code in request.success_statuses
        if succeeded and response.headers.get("content-type", "").startswith(request.media_type):
            return response
        try:
            if succeeded:
                raise InvalidVendorResponse(
                    self.vendor, request.operation, status=response.status_code, fields=("content type",)
                )
            raise self._error_for(await self._read(request, response))
        finally:
            await response.aclose()

    def _build(self, request: VendorRequest) -> httpx.Request:
        url = _parse_url(self._base_url + request.path + _encode_query(request.query))
        body, headers = _encode_body(request)
        headers |= {name.lower(): value for name, value in request.headers.items()}
        # with a stream httpx adds no headers: it would encode and sort all of them three times
        built = httpx.Request(
            request.method,
            url,
            headers={"host": url.netloc.decode()} | self._default_headers | headers,
            stream=httpx.ByteStream(body),
            extensions=self._extensions,
        )
        # so that the body can be sent again and looked at
        built.read()
        return built

    async def _iter_logged_chunks(
        self, request: VendorRequest, response: httpx.Response
    ) -> AsyncIterator[bytes]:
        # inside of the generator, because errors are raised while the caller iterates
        with log_failure():
            try:
                async for chunk in _decoded_chunks(response):
                    yield chunk
            except HTTPX_ERRORS as error:
                raise self._translated(error, request) from error

    async def _read(self, request: VendorRequest, response: httpx.Response) -> VendorResponse:
        body = bytearray()
        try:
            async for chunk in _decoded_chunks(response):
                body += chunk
                # counts decompressed bytes: a small response may decode to a huge one
                if len(body) > MAX_RESPONSE_BYTES:
                    raise InvalidVendorResponse(
                        self.vendor, request.operation, status=response.status_code, fields=(BODY_LENGTH,)
                    )
        except HTTPX_ERRORS as error:
            raise self._translated(error, request) from error
        return VendorResponse(request.operation, response.status_code, response.headers, bytes(body))

    def _error_for(self, response: VendorResponse) -> VendorError:
        error_class = error_class_for_status(response.status)
        if issubclass(error_class, InvalidVendorResponse):
            return error_class(self.vendor, response.operation, status=response.status, fields=("status",))
        return error_class(
            self.vendor,
            response.operation,
            status=response.status,
            details=self._parse_error(response),
            retry_after=parse_retry_after(response.headers.get("retry-after")),
        )

    def _translated(self, error: Exception, request: VendorRequest) -> VendorError:
        if isinstance(error, httpx.TimeoutException):
            return VendorTimeout(self.vendor, request.operation)
        if isinstance(error, httpx.DecodingError):
            return InvalidVendorResponse(self.vendor, request.operation, fields=("content encoding",))
        if isinstance(error, httpx.InvalidURL):
            return RequestRejected(self.vendor, request.operation, details=ErrorDetails("invalid_url"))
        return VendorUnavailable(self.vendor, request.operation)


def _decoded_chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    # `aiter_bytes` takes as long as the arrival of a short body, also if there is nothing to decompress
    if "content-encoding" not in response.headers and isinstance(response.stream, httpx.AsyncByteStream):
        return aiter(response.stream)
    return response.aiter_bytes()


# a vendor has few paths without an id
@lru_cache(maxsize=512)
def _parse_url(url: str) -> httpx.URL:
    return httpx.URL(url)


def _encode_query(query: Mapping[str, str | int | None]) -> str:
    values = {name: value for name, value in query.items() if value is not None}
    return f"?{urlencode(values)}" if values else ""


def _encode_body(request: VendorRequest) -> tuple[bytes, dict[str, str]]:
    """Return the body and its headers."""
    if request.json is not None:
        text = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        body, media_type = text.encode(), "application/json"
    elif request.form is not None:
        body, media_type = urlencode(request.form).encode(), "application/x-www-form-urlencoded"
    else:
        return b"", {"content-length": "0"} if request.method in METHODS_WITH_BODY else {}
    return body, {"content-length": str(len(body)), "content-type": media_type}
