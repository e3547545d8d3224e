"""The connection pool of a vendor: an httpx client without what no vendor needs."""

from __future__ import annotations

from typing import Any

import httpx

from orchestrator.observability.correlation import add_correlation_header
from orchestrator.vendors.aiohttp_transport import AiohttpTransport


class ConnectionPool(httpx.AsyncClient):
    """Sends each request with the correlation id, and nothing else that the caller has not put into it.

    httpx's own `send` keeps cookies, follows redirects and runs authentication flows, which takes a third of the CPU
    time of a request, also without any.

    Args:
        limits: of the connections.
    """

    def __init__(self, limits: httpx.Limits) -> None:
        self._pool = AiohttpTransport(limits)
        super().__init__(transport=self._pool)

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = None,
        follow_redirects: Any = False,
    ) -> httpx.Response:
        """Send a request.

        Raises:
            httpx.TransportError: no response arrived, or one that is not HTTP.
            RuntimeError: the pool is closed.
            ValueError: `auth` or `follow_redirects` is set.
        """
        if self.is_closed:
            raise RuntimeError("the connection pool is closed")
        if follow_redirects is True or auth not in (None, httpx.USE_CLIENT_DEFAULT):
            raise ValueError("the connection pool neither authenticates nor follows redirects")
        add_correlation_header(request)
        response = await self._pool.handle_async_request(request)
        response.request = request
        if not stream:
            try:
                await response.aread()
            finally:
                await response.aclose()
        return response
