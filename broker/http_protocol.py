"""Uvicorn's HTTP protocol with a limit on the head of a request, which its parser would collect without end."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""Of the request line and all headers, counted in whole parts as they arrive."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Responds 400 to a request whose head is too long, and closes the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_in_head = True
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parse a part of a request, unless the head is too long."""
        continues_head = self._is_in_head
        super().data_received(data)
        if not self._is_in_head:
            self._head_bytes = 0
        elif continues_head:
            self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(f"The head of the request has more than {MAX_HEAD_BYTES} bytes.")

    def on_message_begin(self) -> None:
        """Start to count."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Stop to count."""
        self._is_in_head = False
        super().on_headers_complete()
