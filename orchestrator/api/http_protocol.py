"""uvicorn's HTTP protocol with limits of time and connections, and the service's format of errors."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from orchestrator.api.client_address import Networks, client_group, is_in_networks
from orchestrator.api.protocol_errors import (
    head_too_long_response,
    malformed_request_response,
    reject_overload,
)
from orchestrator.api.websocket_protocol import LimitedWebSocketProtocol
from orchestrator.api.write_timer import WriteTimer

HEADER_TIMEOUT_SECONDS = 10.0
"""Limit of the request line and headers, and of the rest of a body whose response was already sent."""

MAX_HEAD_BYTES = 64 * 1024
"""Limit of the request line, the headers and the trailers of one request together."""
MAX_PIPELINED_REQUESTS = 16
"""Requests of one connection that wait for its previous responses."""
NEARLY_FULL = 0.9
"""Share of the connections from which on each new one closes the longest idle one."""
MIN_IDLE_SECONDS = 5.0
"""A connection that was opened or used later than this is not closed for another one."""

SEND_BUFFER_BYTES = 128 * 1024
"""Of the operating system, which otherwise takes megabytes of a response before it reports what the client reads."""

# uvicorn logs a line of plain text for each malformed request, which `malformed_request` reports already; no child of
# its logger, because its configuration resets the level of those
_logger = logging.getLogger("orchestrator.http_protocol")
_logger.setLevel(logging.ERROR)


class LimitedHttpProtocol(HttpToolsProtocol):
    """Closes a connection that is too slow, sends too long a head or too many requests, and one too many of an address.

    uvicorn limits the idle time between two requests only, so connections that never send a complete request or
    never read a response stay open. While a request is served, its body is limited by `LimitedBodyReceiver`, which
    can respond with 408.

    Args:
        max_connections_per_address: open connections of one IP address (IPv6: of one /64 network), WebSockets included.
        trusted_proxies: addresses without a limit, because each stands for many clients.
        on_rejection: is called for each connection that is closed because of the limit.
        arguments: of uvicorn.
    """

    _timer: asyncio.TimerHandle | None = None
    _write_timer: WriteTimer
    _head_bytes = 0
    _unparsed_bytes = 0
    idle_since = 0.0

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
        self._app = reject_overload(self.app, self._is_overloaded)
        self.app = self._serve
        self.logger = _logger

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Start the timer for the first request, or close the connection if its address has too many."""
        super().connection_made(transport)
        self._write_timer = WriteTimer(self.loop, transport)
        if self.client and not is_in_networks(self.client[0], self._trusted_proxies):
            self.client_group = client_group(self.client[0])
        if self.client_group and self._group_size() > self._max_connections_per_address:
            # without a response: a client that opens this many connections would be sent as many
            self._on_rejection()
            transport.close()
            return
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.idle_since = self.loop.time()
        if len(self.connections) > NEARLY_FULL * self._max_connections:
            self._close_longest_idle()
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Parse the data; reject a head that is too long even if no part of it is complete."""
        # reset when a head or a part of a body is complete; until then it is kept in memory
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > MAX_HEAD_BYTES:
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Start the timer for a further request on the same connection."""
        super().on_message_begin()
        self._head_bytes = 0
        self._start_timer()

    def on_url(self, url: bytes) -> None:
        """Count the bytes."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count the bytes of a header or trailer."""
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the timer, and abort a connection with too many requests."""
        self._stop_timer()
        self._unparsed_bytes = 0
        # the next response may add to the unread bytes, unless it waits for them to be read
        if not self.flow.write_paused:
            self._write_timer.stop()
        super().on_headers_complete()
        if len(self.pipeline) > MAX_PIPELINED_REQUESTS:
            self.transport.abort()
            # ends the parsing: one read can contain thousands of requests
            raise ValueError("too many pipelined requests")

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Start the timer if the response did not wait for the whole body."""
        self.idle_since = self.loop.time()
        super().on_response_complete()
        if self.cycle.more_body:
            self._start_timer()

    def on_message_complete(self) -> None:
        """Stop the timer."""
        self._stop_timer()
        self._unparsed_bytes = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Start the timer for a client that does not read."""
        super().pause_writing()
        self._write_timer.start()

    def resume_writing(self) -> None:
        """Stop the timer for a client that does not read."""
        self._write_timer.stop()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        self._stop_timer()
        self._write_timer.stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's text, which is not the format of errors
        """Respond to bytes that are not HTTP or to a head that is too long, and close the connection."""
        if self.transport.is_closing():
            return
        # a response that has begun cannot be followed by another status
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            is_too_long = max(self._head_bytes, self._unparsed_bytes) > MAX_HEAD_BYTES
            self.transport.write(
                head_too_long_response(MAX_HEAD_BYTES) if is_too_long else malformed_request_response()
            )
        self.close()

    def is_idle(self) -> bool:
        """Return whether no request of this connection is being served."""
        cycle: RequestResponseCycle | None = self.cycle
        return (cycle is None or cycle.response_complete) and not self.transport.is_closing()

    def close(self) -> None:
        """Close the connection after the rest of its response, for which the client gets a limited time."""
        self.transport.close()
        self._write_timer.start()

    def _unsupported_upgrade_warning(self) -> None:
        # such a request is served as any other one
        pass

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        # a client that does not read its previous responses occupies nothing but its connection
        await self.flow.drain()
        try:
            await self._app(scope, receive, send)
        finally:
            self._write_timer.start()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            # uvicorn calls send_400_response for any error of a callback
            raise ValueError("the head is too long")

    def _close_longest_idle(self) -> None:
        """Close the connection without a request that was idle for longest, to make room for this one."""
        idle = [
            connection
            for connection in self.connections
            if isinstance(connection, LimitedHttpProtocol) and connection.is_idle()
        ]
        longest = min(idle, key=lambda connection: connection.idle_since)
        if self.loop.time() - longest.idle_since >= MIN_IDLE_SECONDS:
            longest.close()

    def _is_overloaded(self) -> bool:
        return len(self.connections) > self._max_connections or len(self.tasks) > self._max_connections

    def _group_size(self) -> int:
        return sum(
            isinstance(connection, LimitedHttpProtocol | LimitedWebSocketProtocol)
            and connection.client_group == self.client_group
            for connection in self.connections
        )

    def _start_timer(self) -> None:
        # the timer of the connection also covers its first request, so it is not restarted there
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_TIMEOUT_SECONDS, self.close)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
