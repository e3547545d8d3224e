"""The connection pool of a vendor sends what the caller has built, and keeps nothing of one request for the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from orchestrator.observability.correlation import CORRELATION_ID_HEADER, correlation_id
from orchestrator.vendors.connection_pool import ConnectionPool
from tests.orchestrator.vendors.test_aiohttp_transport import OK, Vendor, running

WITH_COOKIE = b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\nok"
REDIRECT = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def pool_and_url(vendor: Vendor) -> AsyncIterator[tuple[ConnectionPool, str]]:
    """An open pool and the URL of a vendor; the pool is closed first, because the vendor waits for its clients."""
    async with running(vendor.serve) as url, ConnectionPool(httpx.Limits()) as pool:
        yield pool, url


async def test_request_carries_the_correlation_id() -> None:
    """The vendor's support finds the request by it."""
    correlation_id.set("request-1")
    vendor = Vendor(OK)
    async with pool_and_url(vendor) as (pool, url):
        response = await pool.get(url)

    assert (response.text, response.request.headers[CORRELATION_ID_HEADER]) == ("ok", "request-1")
    assert b"X-Correlation-ID: request-1" in vendor.requests[0]


async def test_cookie_of_a_vendor_is_not_sent_back() -> None:
    """All guests share the pool."""
    vendor = Vendor(WITH_COOKIE, OK)
    async with pool_and_url(vendor) as (pool, url):
        for _ in range(2):
            await pool.get(url)

    assert (len(vendor.requests), b"cookie" in vendor.requests[1].lower()) == (2, False)


async def test_redirect_is_not_followed() -> None:
    """It would carry credentials to another address."""
    vendor = Vendor(REDIRECT)
    async with pool_and_url(vendor) as (pool, url):
        response = await pool.get(url)

    assert (response.status_code, len(vendor.requests)) == (302, 1)


@pytest.mark.parametrize("option", [{"follow_redirects": True}, {"auth": ("user", "password")}], ids=str)
async def test_option_that_has_no_effect_is_refused(option: dict[str, Any]) -> None:
    """Whoever relies on it learns so before anything is sent."""
    vendor = Vendor(OK)
    async with pool_and_url(vendor) as (pool, url):
        with pytest.raises(ValueError, match="neither authenticates nor follows redirects"):
            await pool.get(url, **option)

    assert vendor.requests == []


async def test_connection_is_reused_after_a_whole_response() -> None:
    """A response that is not streamed is read and closed."""
    vendor = Vendor(OK)
    async with pool_and_url(vendor) as (pool, url):
        responses = [await pool.get(url) for _ in range(2)]

    assert ([response.is_closed for response in responses], vendor.connections) == ([True, True], 1)


async def test_closed_pool_sends_nothing() -> None:
    """A client that is used after the shutdown has a defect."""
    pool = ConnectionPool(httpx.Limits())
    await pool.aclose()

    with pytest.raises(RuntimeError, match="closed"):
        await pool.get("http://vendor.test")
