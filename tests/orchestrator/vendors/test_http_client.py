"""One vendor's HTTP: foreign errors become ours, bodies are bounded, streams are passed on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import respx
from pydantic import BaseModel

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


def made(http: httpx.AsyncClient, policy: CallPolicy = NO_RETRY) -> VendorHttpClient:
    """A transport to a vendor that says in its error body what is wrong."""

    def read(answer: VendorResponse) -> ErrorDetails:
        return ErrorDetails(code=answer.headers.get("x-code"))

    return VendorHttpClient(vendor="pms", base_url=URL, http=http, policy=policy, parse_error=read)


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
async def test_a_status_becomes_an_error(
    http: httpx.AsyncClient, status: int, error: type[VendorError]
) -> None:
    """Each status that is no success has its place in the taxonomy and keeps its number."""
    respx.get(f"{URL}/things/1").respond(status)

    with pytest.raises(VendorError) as caught:
        await made(http).send(LOOK_UP)

    assert (type(caught.value), caught.value.status) == (error, status)


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (httpx.ReadTimeout, VendorTimeout),
        (httpx.ConnectTimeout, VendorTimeout),
        (httpx.PoolTimeout, VendorTimeout),
        (httpx.ConnectError, VendorUnavailable),
        (httpx.ReadError, VendorUnavailable),
        (httpx.RemoteProtocolError, VendorUnavailable),
        (httpx.DecodingError, InvalidVendorResponse),
    ],
)
@respx.mock
async def test_a_transport_error_becomes_ours(
    http: httpx.AsyncClient, raised: type[Exception], error: type[VendorError]
) -> None:
    """No error of the HTTP library leaves the vendors' folder."""
    respx.get(f"{URL}/things/1").mock(side_effect=raised)

    with pytest.raises(VendorError) as caught:
        await made(http).send(LOOK_UP)

    assert (type(caught.value), caught.value.status) == (error, None)


@respx.mock
async def test_an_error_carries_the_vendors_code_and_retry_after(http: httpx.AsyncClient) -> None:
    """What the vendor said is data on the error."""
    respx.get(f"{URL}/things/1").respond(429, headers={"Retry-After": "9", "X-Code": "busy"})

    with pytest.raises(RateLimited) as caught:
        await made(http).send(LOOK_UP)

    assert (caught.value.code, caught.value.retry_after) == ("busy", 9.0)


@respx.mock
async def test_an_answer_of_another_shape_names_the_fields_but_not_their_values(
    http: httpx.AsyncClient,
) -> None:
    """A contract violation says where, and keeps what may be a guest's data to itself."""
    respx.get(f"{URL}/things/1").respond(json={"rooms": ["Ada Muster"]})
    sender = made(http)

    with pytest.raises(InvalidVendorResponse) as caught:
        sender.parse_json(Thing, await sender.send(LOOK_UP))

    assert caught.value.fields == ("name", "rooms.0")
    assert "Ada" not in str(caught.value)


@respx.mock
async def test_a_body_that_is_no_json_is_a_protocol_violation(http: httpx.AsyncClient) -> None:
    """A page of a proxy with status 200 is no answer of the vendor."""
    respx.get(f"{URL}/things/1").respond(text="<html>")
    sender = made(http)

    with pytest.raises(InvalidVendorResponse) as caught:
        sender.parse_json(Thing, await sender.send(LOOK_UP))

    assert caught.value.fields == ("body",)


@respx.mock
async def test_a_body_beyond_the_limit_is_not_read(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vendor cannot fill our memory."""
    monkeypatch.setattr(http_client, "MAX_RESPONSE_BYTES", 10)
    respx.get(f"{URL}/things/1").respond(content=b"x" * 11)

    with pytest.raises(InvalidVendorResponse) as caught:
        await made(http).send(LOOK_UP)

    assert caught.value.fields == ("body length",)


@respx.mock
async def test_parameters_that_are_none_are_left_out(http: httpx.AsyncClient) -> None:
    """An optional parameter that is not given does not appear in the query."""
    route = respx.get(f"{URL}/things/1").respond(json={})

    await made(http).send(
        VendorRequest(
            operation="look up", method="GET", path="/things/1", query={"a": 1, "b": None, "c": "x,y"}
        )
    )

    assert route.calls.last.request.url.query == b"a=1&c=x%2Cy"


@respx.mock
async def test_an_idempotent_call_is_sent_again(http: httpx.AsyncClient) -> None:
    """The policy is around every call: a broken connection is tried again."""
    route = respx.get(f"{URL}/things/1").mock(
        side_effect=[httpx.ConnectError("refused"), httpx.Response(200)]
    )

    answer = await made(http, CallPolicy(backoff_initial=0.001, jitter=0.0)).send(LOOK_UP)

    assert (answer.status, route.call_count) == (200, 2)


@respx.mock
async def test_a_stream_that_breaks_off_is_our_error(http: httpx.AsyncClient) -> None:
    """An error after the first piece is translated too."""

    class Breaking(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"first"
            raise httpx.ReadError("reset")

    respx.get(f"{URL}/things/1").respond(stream=Breaking())
    received: list[bytes] = []

    async with made(http).stream(LOOK_UP) as stream:
        received.append(await anext(stream))
        with pytest.raises(VendorUnavailable):
            await anext(stream)

    assert received == [b"first"]
