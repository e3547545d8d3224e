"""uvicorn's HTTP protocol with limits of time and connections, and the service's format of errors."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from orchestrator.api.client_address import Networks, client_group, is_in_networks
from orchestrator.api.protocol_errors import malformed_request_response, reject_overload

HEADER_TIMEOUT_SECONDS = 10.0
"""Limit of the request line and headers, and of the rest of a body whose response was already sent."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not become complete in time, and one too many of an address.

    uvicorn limits the idle time between two requests only, so connections that never send a complete request stay
    open. While a request is served, its body is limited by `LimitedBodyReceiver`, which can respond with 408.

    Args:
        max_connections_per_address: open connections of one IP address (IPv6: of one /64 network).
        trusted_proxies: addresses without a limit, because each stands for many clients.
        on_rejection: is called for each connection that is closed because of the limit.
        arguments: of uvicorn.
    """

    _timer: asyncio.TimerHandle | None = None

    def __init__(
        self,
        *,
        max_connections_per_address: int = sys.maxsize,
        trusted_proxies: Networks = (),
        on_rejection: Callable[[], object] = lambda: None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self._max_connections_per_address = max_connections_per_address
        self._trusted_proxies = trusted_proxies
        self._on_rejection = on_rejection
        self.client_group: str | None = None
        # uvicorn's own response to an overload is not in the format of errors
        self._max_connections = self.limit_concurrency or sys.maxsize
        self.limit_concurrency = None
        self.app = reject_overload(self.app, self._is_overloaded)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Start the timer for the first request, or close the connection if its address has too many."""
        super().connection_made(transport)
        if self.client and not is_in_networks(self.client[0], self._trusted_proxies):
            self.client_group = client_group(self.client[0])
        if self.client_group and self._group_size() > self._max_connections_per_address:
            # without a response: whoever opens this many connections would be sent as many
            self._on_rejection()
            transport.close()
            return
        self._start_timer()

    def on_message_begin(self) -> None:
        """Start the timer for a further request on the same connection."""
        super().on_message_begin()
        self._start_timer()

    def on_headers_complete(self) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Start the timer if the response did not wait for the whole body."""
        super().on_response_complete()
        if self.cycle.more_body:
            self._start_timer()

    def on_message_complete(self) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's text, which is not the format of errors
        """Respond to bytes that are not HTTP, and close the connection."""
        # a response that has begun cannot be followed by another status
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(malformed_request_response())
        self.transport.close()

    def _is_overloaded(self) -> bool:
        return len(self.connections) > self._max_connections or len(self.tasks) > self._max_connections

    def _group_size(self) -> int:
        return sum(
            isinstance(connection, LimitedHttpProtocol) and connection.client_group == self.client_group
            for connection in self.connections
        )

    def _start_timer(self) -> None:
        # the timer of the connection also covers its first request, so it is not restarted there
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_TIMEOUT_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
