"""One vendor's HTTP: base URL, policy, and foreign errors translated into ours, in this one place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from orchestrator.resilience.policy import CallPolicy
from orchestrator.resilience.retry_after import parse_retry_after
from orchestrator.vendors.errors import (
    ErrorDetails,
    InvalidVendorResponse,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
    error_class_for_status,
)

MAX_RESPONSE_BYTES = 16 * 1024 * 1024
"""The longest answer read into memory, in bytes."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRequest:
    """One request to a vendor, before it is sent.

    Args:
        operation: the client operation, for errors and metrics.
        method: the HTTP verb.
        path: below the vendor's base URL, its segments already quoted.
        success: the statuses that mean success.
        query: parameters in order; those that are None are left out.
        headers: credentials and the like.
        json: a JSON body.
        form: a form body.
        idempotent: may be repeated without a second effect.
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


@dataclass(frozen=True, slots=True)
class VendorResponse:
    """A whole answer: status, headers and body as they came."""

    operation: str
    status: int
    headers: httpx.Headers
    body: bytes


class VendorHttpClient:
    """Sends calls to one vendor under one policy.

    Args:
        vendor: the vendor's name, as in the pacts.
        base_url: where the vendor is.
        http: the connection pool, shared by all vendors (a client of its own costs 20 ms of TLS set-up).
        policy: deadline and retries.
        read_refusal: reads the vendor's error body; must not take over text that may hold a secret.
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
        self._policy = policy
        self._read_refusal = parse_error

    async def send(self, call: VendorRequest) -> VendorResponse:
        """Send the call and give the whole answer, if its status means success.

        Raises:
            VendorError: one of the taxonomy in `orchestrator.vendors.errors`.
        """

        async def attempt() -> VendorResponse:
            response = await self._send_once(call)
            try:
                return await self._read(call, response)
            finally:
                await response.aclose()

        return await self._run(call, attempt)

    @asynccontextmanager
    async def stream(self, call: VendorRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send the call and give the body piece by piece as it arrives, never the whole of it.

        The deadline holds until the first byte of the answer; after that each wait for bytes has the attempt's time-out.

        Raises:
            VendorError: one of the taxonomy; also while iterating, when the vendor breaks off.
        """
        response = await self._run(call, lambda: self._send_once(call))
        try:
            yield self._iter_chunks(call, response)
        finally:
            await response.aclose()

    def parse_json(self, model: type[T], answer: VendorResponse) -> T:
        """Read a JSON answer as a model (or a list of one).

        Raises:
            InvalidVendorResponse: naming the fields that are wrong, without their values.
        """
        try:
            return TypeAdapter(model).validate_json(answer.body)
        except ValidationError as error:
            fields = tuple(".".join(map(str, problem["loc"])) or "body" for problem in error.errors())
            raise InvalidVendorResponse(
                self.vendor, answer.operation, status=answer.status, fields=fields
            ) from None

    async def _run(self, call: VendorRequest, attempt: Callable[[], Awaitable[T]]) -> T:
        return await self._policy.run(
            attempt,
            idempotent=call.idempotent,
            make_timeout_error=lambda: VendorTimeout(self.vendor, call.operation),
        )

    async def _send_once(self, call: VendorRequest) -> httpx.Response:
        with self._map_httpx_errors(call):
            response = await self._http.send(self._request(call), stream=True, follow_redirects=False)
        if response.status_code in call.success_statuses:
            return response
        try:
            raise self._to_vendor_error(await self._read(call, response))
        finally:
            await response.aclose()

    def _request(self, call: VendorRequest) -> httpx.Request:
        return self._http.build_request(
            call.method,
            self._base_url + call.path,
            params={name: str(value) for name, value in call.query.items() if value is not None},
            headers=dict(call.headers),
            json=call.json,
            data=call.form,
            timeout=self._policy.attempt_timeout,
        )

    async def _iter_chunks(self, call: VendorRequest, response: httpx.Response) -> AsyncIterator[bytes]:
        with self._map_httpx_errors(call):
            async for piece in response.aiter_bytes():
                yield piece

    async def _read(self, call: VendorRequest, response: httpx.Response) -> VendorResponse:
        body = bytearray()
        async for piece in self._iter_chunks(call, response):
            body += piece
            if len(body) > MAX_RESPONSE_BYTES:
                raise InvalidVendorResponse(
                    self.vendor, call.operation, status=response.status_code, fields=("body length",)
                )
        return VendorResponse(call.operation, response.status_code, response.headers, bytes(body))

    def _to_vendor_error(self, answer: VendorResponse) -> VendorError:
        kind = error_class_for_status(answer.status)
        if issubclass(kind, InvalidVendorResponse):
            return kind(self.vendor, answer.operation, status=answer.status, fields=("status",))
        return kind(
            self.vendor,
            answer.operation,
            status=answer.status,
            refusal=self._read_refusal(answer),
            retry_after=parse_retry_after(answer.headers.get("retry-after")),
        )

    @contextmanager
    def _map_httpx_errors(self, call: VendorRequest) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise VendorTimeout(self.vendor, call.operation) from error
        except httpx.DecodingError as error:
            raise InvalidVendorResponse(self.vendor, call.operation, fields=("content encoding",)) from error
        except httpx.TransportError as error:
            raise VendorUnavailable(self.vendor, call.operation) from error
