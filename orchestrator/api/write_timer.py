"""Limit of the time in which a client reads what was sent to it."""

from __future__ import annotations

import asyncio

WRITE_TIMEOUT_SECONDS = 30.0
"""Time in which a client that has unread bytes of a response reads `MIN_WRITE_BYTES` or the rest of them."""
MIN_WRITE_BYTES = 16 * 1024


class WriteTimer:
    """Aborts the connection of a client that does not read; `close()` would wait for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._loop = loop
        self._transport = transport
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start the timer if there are unread bytes, unless it runs."""
        unread = self._transport.get_write_buffer_size()
        if unread and self._timer is None:
            self._timer = self._loop.call_later(WRITE_TIMEOUT_SECONDS, self._abort_if_client_stalls, unread)

    def stop(self) -> None:
        """Stop the timer, if it runs."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _abort_if_client_stalls(self, previously_unread: int) -> None:
        self._timer = None
        unread = self._transport.get_write_buffer_size()
        if unread and previously_unread - unread < MIN_WRITE_BYTES:
            self._transport.abort()
        else:
            self.start()
