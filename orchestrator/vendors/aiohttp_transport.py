"""An httpx transport on aiohttp, which needs about half of the CPU time of httpx's own for a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from ssl import SSLContext
from urllib.request import getproxies

import aiohttp
import httpx
from multidict import CIMultiDict
from yarl import URL

READ_BYTES = 64 * 1024


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends the requests of an httpx client through a connection pool of aiohttp.

    The pool is created at the first request, in the running event loop. It uses the proxies of the environment.

    Args:
        limits: of the pool.
        ssl_context: for TLS; by default httpx's own.
    """

    def __init__(self, limits: httpx.Limits, ssl_context: SSLContext | None = None) -> None:
        self._limits = limits
        self._ssl_context = ssl_context or httpx.create_ssl_context()
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return when the headers of its response have arrived.

        Raises:
            httpx.TransportError: no response arrived, or one that is not HTTP.
        """
        if self._session is None:
            self._session = self._create_session()
        try:
            response = await self._session.request(
                request.method,
                _parse_url(str(request.url)),
                # `multi_items` would find out the encoding for each of them, and httpx sends ASCII only
                headers=CIMultiDict([(name.decode(), value.decode()) for name, value in request.headers.raw]),
                data=await request.aread() or None,
                allow_redirects=False,
                timeout=_timeout(request),
            )
        except _AIOHTTP_ERRORS as error:
            raise _translated(error) from error
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=_BodyStream(response),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": (response.reason or "").encode()},
        )

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _create_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._limits.max_connections or 0,
            keepalive_timeout=self._limits.keepalive_expiry,
            ssl=self._ssl_context,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # httpx decompresses, and names its own media types and agent
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            # aiohttp would look for proxies in a thread at each request
            trust_env=bool(getproxies()),
        )
        # aiohttp has no option for it: the call policy decides which requests are repeated, and counts them
        session._retry_connection = False  # noqa: SLF001
        return session


class _BodyStream(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_chunked(READ_BYTES):
                yield chunk
        except _AIOHTTP_ERRORS as error:
            raise _translated(error) from error

    async def aclose(self) -> None:
        # closes the connection unless the whole body was read
        self._response.close()


# a vendor has few URLs without an id
@lru_cache(maxsize=512)
def _parse_url(url: str) -> URL:
    return URL(url, encoded=True)


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    """Return the time-outs of a request; aiohttp has none for writing, and one for pool and connection together."""
    seconds = request.extensions.get("timeout", {})
    connect, pool = seconds.get("connect"), seconds.get("pool")
    return aiohttp.ClientTimeout(
        connect=connect + pool if connect and pool else None,
        sock_connect=connect,
        sock_read=seconds.get("read"),
    )


def _translated(error: Exception) -> httpx.TransportError:
    """Return an error of aiohttp as that of httpx.

    A disconnection may come after the vendor has handled the request, so it is never an error of the connection attempt.
    """
    return next(made for kinds, made in _HTTPX_ERRORS if isinstance(error, kinds))(str(error))


_HTTPX_ERRORS: tuple[tuple[tuple[type[Exception], ...], type[httpx.TransportError]], ...] = (
    ((aiohttp.ConnectionTimeoutError,), httpx.ConnectTimeout),
    ((TimeoutError,), httpx.ReadTimeout),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), httpx.UnsupportedProtocol),
    ((aiohttp.ClientConnectorError,), httpx.ConnectError),
    (
        (aiohttp.ClientPayloadError, aiohttp.ClientResponseError, aiohttp.ServerDisconnectedError),
        httpx.RemoteProtocolError,
    ),
    ((aiohttp.ClientError, OSError), httpx.ReadError),
    # a line break in a header
    ((ValueError,), httpx.LocalProtocolError),
)
"""The error of httpx by the errors of aiohttp; the first match counts."""
_AIOHTTP_ERRORS = (aiohttp.ClientError, OSError, ValueError)
