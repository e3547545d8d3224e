"""The HTTP client of a vendor: errors are translated, bodies are bounded, streams are passed on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import respx
from pydantic import BaseModel

from orchestrator.resilience.guard import GuardLimits, VendorGuard
from orchestrator.resilience.policy import NO_RETRY, CallPolicy
from orchestrator.vendors import http_client
from orchestrator.vendors.errors import (
    AccessDenied,
    ErrorDetails,
    InvalidVendorResponse,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
)
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.operation_groups import groups_of

URL = "http://pms.test"
LOOK_UP = VendorRequest(operation="look up", method="GET", path="/things/1", idempotent=True)


class Thing(BaseModel):
    """What the client reads."""

    name: str
    rooms: list[int] = []


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """The shared connection pool."""
    async with httpx.AsyncClient() as client:
        yield client


def create_client(http: httpx.AsyncClient, policy: CallPolicy = NO_RETRY) -> VendorHttpClient:
    """A client of a vendor that sends its error code in a header."""

    def parse_error(response: VendorResponse) -> ErrorDetails:
        return ErrorDetails(code=response.headers.get("x-code"))

    return VendorHttpClient(vendor="pms", base_url=URL, http=http, policy=policy, parse_error=parse_error)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, InvalidVendorResponse),
        (400, RequestRejected),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotFound),
        (409, RequestRejected),
        (422, RequestRejected),
        (429, RateLimited),
        (500, VendorUnavailable),
        (503, VendorUnavailable),
    ],
)
@respx.mock
async def test_error_status_is_translated(
    http: httpx.AsyncClient, status: int, error: type[VendorError]
) -> None:
    """Each status that does not mean success has its error class; the error keeps the status."""
    respx.get(f"{URL}/things/1").respond(status)

    with pytest.raises(VendorError) as caught:
        await create_client(http).send(LOOK_UP)

    assert (type(caught.value), caught.value.status) == (error, status)


HTTPX_ERRORS: dict[type[Exception], type[VendorError]] = {
    httpx.HTTPError: VendorUnavailable,
    httpx.HTTPStatusError: VendorUnavailable,
    httpx.RequestError: VendorUnavailable,
    httpx.TooManyRedirects: VendorUnavailable,
    httpx.TransportError: VendorUnavailable,
    httpx.NetworkError: VendorUnavailable,
    httpx.ConnectError: VendorUnavailable,
    httpx.ReadError: VendorUnavailable,
    httpx.WriteError: VendorUnavailable,
    httpx.CloseError: VendorUnavailable,
    httpx.ProxyError: VendorUnavailable,
    httpx.UnsupportedProtocol: VendorUnavailable,
    httpx.ProtocolError: VendorUnavailable,
    httpx.LocalProtocolError: VendorUnavailable,
    httpx.RemoteProtocolError: VendorUnavailable,
    httpx.TimeoutException: VendorTimeout,
    httpx.ConnectTimeout: VendorTimeout,
    httpx.ReadTimeout: VendorTimeout,
    httpx.WriteTimeout: VendorTimeout,
    httpx.PoolTimeout: VendorTimeout,
    httpx.DecodingError: InvalidVendorResponse,
    httpx.InvalidURL: RequestRejected,
}
PROGRAMMING_ERRORS = {
    httpx.CookieConflict,
    httpx.StreamError,
    httpx.StreamClosed,
    httpx.StreamConsumed,
    httpx.RequestNotRead,
    httpx.ResponseNotRead,
}
"""Errors in how httpx is used; no request to a vendor raises them."""


def raise_httpx_error(error: type[Exception]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler that raises an httpx error for a request."""

    def handle(request: httpx.Request) -> httpx.Response:
        if error is httpx.HTTPStatusError:
            raise httpx.HTTPStatusError("status", request=request, response=httpx.Response(500))
        raise error("failed")

    return handle


def test_every_httpx_error_has_a_translation() -> None:
    """A new version of httpx cannot add an error that reaches the callers of a client."""
    exceptions = {
        value for value in vars(httpx).values() if isinstance(value, type) and issubclass(value, Exception)
    }

    assert exceptions == HTTPX_ERRORS.keys() | PROGRAMMING_ERRORS


@pytest.mark.parametrize(
    ("raised", "error"), HTTPX_ERRORS.items(), ids=[error.__name__ for error in HTTPX_ERRORS]
)
async def test_httpx_error_is_translated(raised: type[Exception], error: type[VendorError]) -> None:
    """The translated error has no status and keeps the original as its cause."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(raise_httpx_error(raised))) as http:
        with pytest.raises(VendorError) as caught:
            await create_client(http).send(LOOK_UP)

    assert (type(caught.value), caught.value.status) == (error, None)
    assert type(caught.value.__cause__) is raised


async def test_invalid_url_is_translated(http: httpx.AsyncClient) -> None:
    """A URL that httpx does not build, here for its length, is a rejected request."""
    too_long = VendorRequest(operation="look up", method="GET", path="/things/" + "1" * 70_000)

    with pytest.raises(RequestRejected) as caught:
        await create_client(http).send(too_long)

    assert (caught.value.status, caught.value.code) == (None, "invalid_url")


async def test_rejected_call_is_translated(http: httpx.AsyncClient) -> None:
    """A call that the guard rejects is an unavailable vendor, with the reason as its code."""
    limits = GuardLimits(max_concurrent=0, queue_timeout=0.0)
    guard = VendorGuard("pms", groups_of("pms"), limits, lambda *_: None)

    with pytest.raises(VendorUnavailable) as caught:
        await create_client(http, CallPolicy(guard=guard)).send(LOOK_UP)

    assert (caught.value.code, caught.value.operation) == ("bulkhead_full", "look up")


@respx.mock
async def test_error_has_vendor_code_and_retry_after(http: httpx.AsyncClient) -> None:
    """The vendor's code and delay are attributes of the error."""
    respx.get(f"{URL}/things/1").respond(429, headers={"Retry-After": "9", "X-Code": "busy"})

    with pytest.raises(RateLimited) as caught:
        await create_client(http).send(LOOK_UP)

    assert (caught.value.code, caught.value.retry_after) == ("busy", 9.0)


@respx.mock
async def test_invalid_response_names_fields_without_values(
    http: httpx.AsyncClient,
) -> None:
    """The values may be a guest's personal data."""
    respx.get(f"{URL}/things/1").respond(json={"rooms": ["Ada Muster"]})
    client = create_client(http)

    with pytest.raises(InvalidVendorResponse) as caught:
        client.parse_json(Thing, await client.send(LOOK_UP))

    assert caught.value.fields == ("name", "rooms.0")
    assert "Ada" not in str(caught.value)


@respx.mock
async def test_body_without_json_is_invalid_response(http: httpx.AsyncClient) -> None:
    """A proxy's HTML page with status 200 is not a response of the vendor."""
    respx.get(f"{URL}/things/1").respond(text="<html>")
    client = create_client(http)

    with pytest.raises(InvalidVendorResponse) as caught:
        client.parse_json(Thing, await client.send(LOOK_UP))

    assert caught.value.fields == ("body",)


@respx.mock
async def test_body_beyond_limit_is_rejected(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vendor cannot exhaust the service's memory."""
    monkeypatch.setattr(http_client, "MAX_RESPONSE_BYTES", 10)
    respx.get(f"{URL}/things/1").respond(content=b"x" * 11)

    with pytest.raises(InvalidVendorResponse) as caught:
        await create_client(http).send(LOOK_UP)

    assert caught.value.fields == ("body length",)


@respx.mock
async def test_query_parameters_that_are_none_are_omitted(http: httpx.AsyncClient) -> None:
    """An optional parameter without a value does not appear in the query."""
    route = respx.get(f"{URL}/things/1").respond(json={})

    await create_client(http).send(
        VendorRequest(
            operation="look up", method="GET", path="/things/1", query={"a": 1, "b": None, "c": "x,y"}
        )
    )

    assert route.calls.last.request.url.query == b"a=1&c=x%2Cy"


@respx.mock
async def test_idempotent_request_is_retried(http: httpx.AsyncClient) -> None:
    """The policy covers every request: after a broken connection it is sent again."""
    route = respx.get(f"{URL}/things/1").mock(
        side_effect=[httpx.ConnectError("refused"), httpx.Response(200)]
    )

    response = await create_client(http, CallPolicy(backoff_initial=0.001, jitter=0.0)).send(LOOK_UP)

    assert (response.status, route.call_count) == (200, 2)


@respx.mock
async def test_broken_stream_is_translated(http: httpx.AsyncClient) -> None:
    """An error after the first chunk is translated too."""

    class BrokenStream(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"first"
            raise httpx.ReadError("reset")

    respx.get(f"{URL}/things/1").respond(stream=BrokenStream())
    received: list[bytes] = []

    async with create_client(http).stream(LOOK_UP) as stream:
        received.append(await anext(stream))
        with pytest.raises(VendorUnavailable):
            await anext(stream)

    assert received == [b"first"]
