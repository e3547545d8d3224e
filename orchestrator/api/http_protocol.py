"""uvicorn's HTTP protocol with a time limit for incomplete requests and the service's format of errors."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from orchestrator.api.protocol_errors import malformed_request_response, reject_overload

HEADER_TIMEOUT_SECONDS = 10.0
"""Limit of the request line and headers, and of the rest of a body whose response was already sent."""


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not become complete in time.

    uvicorn limits the idle time between two requests only, so connections that never send a complete request stay
    open. While a request is served, its body is limited by `LimitedBodyReceiver`, which can respond with 408.
    """

    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # uvicorn's own response to an overload is not in the format of errors
        self._max_connections = self.limit_concurrency or sys.maxsize
        self.limit_concurrency = None
        self.app = reject_overload(self.app, self._is_overloaded)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Start the timer for the first request."""
        super().connection_made(transport)
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

    def _start_timer(self) -> None:
        # the timer of the connection also covers its first request, so it is not restarted there
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_TIMEOUT_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
