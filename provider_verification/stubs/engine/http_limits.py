"""Limits on requests that are huge or never finished: uvicorn itself has none for headers, nor for time."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEADER_BYTES = 32 * 1024
"""The largest request line with headers."""
MAX_BODY_BYTES = 16 * 1024 * 1024
"""The largest request body."""
REQUEST_TIMEOUT_SECONDS = 30.0
"""From the first byte of a request, or from the connection, to the end of the request body."""


def header_bytes(scope: Any) -> int:
    """Return the size of a request's path, query and headers in bytes."""
    size = len(scope["path"]) + len(scope["query_string"])
    return size + sum(len(name) + len(value) for name, value in scope["headers"])


class _RequestLimits:
    """Mixin of uvicorn's HTTP protocols: closes a connection whose request is not complete in time."""

    transport: asyncio.Transport
    cycle: Any
    send_400_response: Any
    _timer: asyncio.TimerHandle | None = None
    _incomplete_bytes = 0
    _upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[misc] # the protocol beside this mixin
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)  # type: ignore[misc] # the protocol beside this mixin

    def handle_websocket_upgrade(self, *args: Any) -> None:
        # An upgraded connection has no request cycle, so it would look like a request without end.
        self._upgraded = True
        self._stop_timer()
        super().handle_websocket_upgrade(*args)  # type: ignore[misc] # the protocol beside this mixin

    def data_received(self, data: bytes) -> None:
        super().data_received(data)  # type: ignore[misc] # the protocol beside this mixin
        if self._upgraded or self.transport.is_closing():
            return
        # uvicorn replaces the cycle when the headers are complete: until then it is that of the previous request.
        if self.cycle is None or self.cycle.response_complete:
            self._incomplete_bytes += len(data)
            self._start_timer()
            if self._incomplete_bytes > MAX_HEADER_BYTES:
                self.send_400_response(f"The headers have more than {MAX_HEADER_BYTES} bytes.")
        elif self.cycle.more_body:
            self._start_timer()
        else:
            self._stop_timer()

    def _start_timer(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(REQUEST_TIMEOUT_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        self._incomplete_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class LimitedHttpToolsProtocol(_RequestLimits, HttpToolsProtocol):
    """The fast protocol, for methods of RFC 9110."""


class LimitedH11Protocol(_RequestLimits, H11Protocol):
    """The protocol for any method, such as Vault's LIST."""
