"""Apaleo's access tokens: requested once, renewed before they expire, replaced when the API rejects them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from itertools import count

import httpx
import pytest
import respx

from orchestrator.resilience.deadline import start_deadline
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.oauth import CachedTokenProvider, ClientCredentials, TokenEndpoint
from orchestrator.vendors.errors import AccessDenied, VendorTimeout, VendorUnavailable
from tests.orchestrator.clock import Clock

IDENTITY, API = "http://identity.test", "http://api.test"
RESERVATION = f"{API}/booking/v1/reservations/X-1"
TOKEN_TTL = 3600


@pytest.fixture
def clock() -> Clock:
    """A stopped clock."""
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """The shared connection pool."""
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def tokens(http: httpx.AsyncClient, clock: Clock) -> CachedTokenProvider:
    """A token provider that uses the identity server."""
    endpoint = TokenEndpoint(
        base_url=IDENTITY, credentials=lambda: ClientCredentials("id", "secret"), http=http, policy=NO_RETRY
    )
    return CachedTokenProvider(endpoint, clock)


@pytest.fixture
def identity(respx_mock: respx.MockRouter) -> respx.Route:
    """An identity server that issues t1, then t2, and so on."""
    numbers = count(1)

    def issue_token(_: httpx.Request) -> httpx.Response:
        body = {
            "access_token": f"t{next(numbers)}",
            "expires_in": TOKEN_TTL,
            "token_type": "Bearer",
            "scope": "x",
        }
        return httpx.Response(200, json=body)

    return respx_mock.post(f"{IDENTITY}/connect/token").mock(side_effect=issue_token)


async def test_concurrent_callers_cause_one_token_request(
    tokens: CachedTokenProvider, identity: respx.Route
) -> None:
    """Fifty concurrent callers get the same token."""
    results = await asyncio.gather(*(tokens.get_token() for _ in range(50)))

    assert (set(results), identity.call_count) == ({"t1"}, 1)


@pytest.mark.parametrize(
    ("age", "token"), [(TOKEN_TTL - 61, "t1"), (TOKEN_TTL - 60, "t2"), (TOKEN_TTL + 1, "t2")]
)
async def test_token_is_renewed_one_minute_before_expiry(
    tokens: CachedTokenProvider, identity: respx.Route, clock: Clock, age: float, token: str
) -> None:
    """A token is used until exactly 60 seconds before its expiry."""
    await tokens.get_token()
    clock.now += age

    assert await tokens.get_token() == token
    assert identity.call_count == int(token[1:])


async def test_token_of_rotated_credentials_is_replaced(
    http: httpx.AsyncClient, identity: respx.Route, clock: Clock
) -> None:
    """Once, and with the new credentials."""
    secrets = ["old"]
    endpoint = TokenEndpoint(
        base_url=IDENTITY,
        credentials=lambda: ClientCredentials("id", secrets[-1]),
        http=http,
        policy=NO_RETRY,
    )
    tokens = CachedTokenProvider(endpoint, clock)
    first = await tokens.get_token()
    secrets.append("new")

    assert [first, await tokens.get_token(), await tokens.get_token()] == ["t1", "t2", "t2"]
    sent = [call.request.headers["authorization"].removeprefix("Basic ") for call in identity.calls]
    assert [base64.b64decode(value) for value in sent] == [b"id:old", b"id:new"]


async def test_late_invalidation_of_old_token_keeps_new_token(
    tokens: CachedTokenProvider, identity: respx.Route
) -> None:
    """If two requests fail with the same token, the second invalidation must not discard the renewed token."""
    old = await tokens.get_token()
    tokens.invalidate(old)
    await tokens.get_token()
    tokens.invalidate(old)

    assert (await tokens.get_token(), identity.call_count) == ("t2", 2)


async def test_failed_renewal_is_not_cached(
    tokens: CachedTokenProvider, respx_mock: respx.MockRouter
) -> None:
    """After a failure of the identity server the next caller requests a token again."""
    token_response = {"access_token": "t9", "expires_in": TOKEN_TTL, "token_type": "Bearer"}
    responses = [httpx.Response(503), httpx.Response(200, json=token_response)]
    respx_mock.post(f"{IDENTITY}/connect/token").mock(side_effect=responses)

    with pytest.raises(VendorUnavailable):
        await tokens.get_token()

    assert await tokens.get_token() == "t9"


async def test_concurrent_callers_share_a_failed_renewal(
    tokens: CachedTokenProvider, respx_mock: respx.MockRouter
) -> None:
    """An identity server that fails is not asked again by each caller that has waited for the answer."""
    route = respx_mock.post(f"{IDENTITY}/connect/token").mock(return_value=httpx.Response(503))

    results = await asyncio.gather(*(tokens.get_token() for _ in range(50)), return_exceptions=True)

    assert {type(result) for result in results} == {VendorUnavailable}
    assert route.call_count == 1


async def test_caller_waits_for_a_token_within_the_deadline_of_its_event(
    tokens: CachedTokenProvider, respx_mock: respx.MockRouter
) -> None:
    """The request goes on for the callers that have more time."""
    issue = asyncio.Event()

    async def issue_later(_: httpx.Request) -> httpx.Response:
        await issue.wait()
        return httpx.Response(
            200, json={"access_token": "t1", "expires_in": TOKEN_TTL, "token_type": "Bearer"}
        )

    route = respx_mock.post(f"{IDENTITY}/connect/token").mock(side_effect=issue_later)
    patient = asyncio.create_task(tokens.get_token())

    with start_deadline(0.1), pytest.raises(VendorTimeout):
        await tokens.get_token()
    issue.set()

    assert (await patient, route.call_count) == ("t1", 1)


def create_client(http: httpx.AsyncClient, tokens: CachedTokenProvider) -> ApaleoClient:
    """An API client that uses these tokens."""
    return ApaleoClient(base_url=API, tokens=tokens, http=http, policy=NO_RETRY)


async def test_rejected_token_is_replaced_once(
    http: httpx.AsyncClient, tokens: CachedTokenProvider, identity: respx.Route, respx_mock: respx.MockRouter
) -> None:
    """After a 401 the request is sent once more with a new token; then the error is raised."""
    route = respx_mock.get(RESERVATION).mock(return_value=httpx.Response(401))

    with pytest.raises(AccessDenied):
        await create_client(http, tokens).get_reservation("X-1")

    sent = [call.request.headers["authorization"] for call in route.calls]
    assert (sent, identity.call_count) == (["Bearer t1", "Bearer t2"], 2)


async def test_missing_permission_does_not_cause_new_token(
    http: httpx.AsyncClient, tokens: CachedTokenProvider, identity: respx.Route, respx_mock: respx.MockRouter
) -> None:
    """A 403 means that the token is valid but lacks a permission."""
    route = respx_mock.get(RESERVATION).mock(return_value=httpx.Response(403))

    with pytest.raises(AccessDenied):
        await create_client(http, tokens).get_reservation("X-1")

    assert (route.call_count, identity.call_count) == (1, 1)
