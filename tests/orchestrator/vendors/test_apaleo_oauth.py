"""Apaleo's access tokens: fetched once, renewed in time, replaced when they are not accepted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import httpx
import pytest
import respx

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.oauth import CachedTokenProvider, TokenEndpoint
from orchestrator.vendors.errors import AccessDenied, VendorUnavailable

IDENTITY, API = "http://identity.test", "http://api.test"
RESERVATION = f"{API}/booking/v1/reservations/X-1"
LIFE = 3600


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """The shared connection pool."""
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def tokens(http: httpx.AsyncClient, clock: Clock) -> CachedTokenProvider:
    """Tokens from the identity server."""
    endpoint = TokenEndpoint(
        base_url=IDENTITY, client_id="id", client_secret="secret", http=http, policy=NO_RETRY
    )
    return CachedTokenProvider(endpoint, clock)


@pytest.fixture
def identity(respx_mock: respx.MockRouter) -> respx.Route:
    """An identity server that gives t1, then t2, and so on."""
    numbers = count(1)

    def give(_: httpx.Request) -> httpx.Response:
        body = {"access_token": f"t{next(numbers)}", "expires_in": LIFE, "token_type": "Bearer", "scope": "x"}
        return httpx.Response(200, json=body)

    return respx_mock.post(f"{IDENTITY}/connect/token").mock(side_effect=give)


async def test_many_callers_fetch_one_token(tokens: CachedTokenProvider, identity: respx.Route) -> None:
    """Fifty callers at once: one request, one token."""
    given = await asyncio.gather(*(tokens.get_token() for _ in range(50)))

    assert (set(given), identity.call_count) == ({"t1"}, 1)


@pytest.mark.parametrize(("age", "token"), [(LIFE - 61, "t1"), (LIFE - 60, "t2"), (LIFE + 1, "t2")])
async def test_a_token_is_renewed_a_minute_before_it_expires(
    tokens: CachedTokenProvider, identity: respx.Route, clock: Clock, age: float, token: str
) -> None:
    """To the second."""
    await tokens.get_token()
    clock.now += age

    assert await tokens.get_token() == token
    assert identity.call_count == int(token[1:])


async def test_an_old_token_that_is_discarded_late_leaves_the_new_one(
    tokens: CachedTokenProvider, identity: respx.Route
) -> None:
    """Two calls failed with the same token: the second to notice must not throw away the renewed one."""
    old = await tokens.get_token()
    tokens.invalidate(old)
    await tokens.get_token()
    tokens.invalidate(old)

    assert (await tokens.get_token(), identity.call_count) == ("t2", 2)


async def test_a_failed_renewal_is_not_kept(
    tokens: CachedTokenProvider, respx_mock: respx.MockRouter
) -> None:
    """The identity server is down for a moment: the next caller asks again."""
    good = {"access_token": "t9", "expires_in": LIFE, "token_type": "Bearer"}
    answers = [httpx.Response(503), httpx.Response(200, json=good)]
    respx_mock.post(f"{IDENTITY}/connect/token").mock(side_effect=answers)

    with pytest.raises(VendorUnavailable):
        await tokens.get_token()

    assert await tokens.get_token() == "t9"


def client(http: httpx.AsyncClient, tokens: CachedTokenProvider) -> ApaleoClient:
    """A client of the API."""
    return ApaleoClient(base_url=API, tokens=tokens, http=http, policy=NO_RETRY)


async def test_a_token_that_is_not_accepted_is_replaced_once(
    http: httpx.AsyncClient, tokens: CachedTokenProvider, identity: respx.Route, respx_mock: respx.MockRouter
) -> None:
    """401: a new token and one more try, then the error."""
    refused = respx_mock.get(RESERVATION).mock(return_value=httpx.Response(401))

    with pytest.raises(AccessDenied):
        await client(http, tokens).get_reservation("X-1")

    sent = [call.request.headers["authorization"] for call in refused.calls]
    assert (sent, identity.call_count) == (["Bearer t1", "Bearer t2"], 2)


async def test_a_missing_right_is_no_reason_for_a_new_token(
    http: httpx.AsyncClient, tokens: CachedTokenProvider, identity: respx.Route, respx_mock: respx.MockRouter
) -> None:
    """403: the token is good, the right is missing."""
    refused = respx_mock.get(RESERVATION).mock(return_value=httpx.Response(403))

    with pytest.raises(AccessDenied):
        await client(http, tokens).get_reservation("X-1")

    assert (refused.call_count, identity.call_count) == (1, 1)
