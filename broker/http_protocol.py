"""Uvicorn's HTTP protocol with a limit on the head of a request, which its parser would collect without end."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""Of the URL and all headers. A header without an end is counted in whole parts as they arrive."""

HEADER_SEPARATORS = len(": \r\n")
TOO_LONG = f"The head of the request has more than {MAX_HEAD_BYTES} bytes."


class HeadTooLongError(Exception):
    """Ends the parsing of a request."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Responds 400 to a request whose head is too long, and closes the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_in_head = True
        self._received_bytes = 0
        self._parsed_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parse a part of a request, unless the head is too long."""
        continues_head = self._is_in_head
        super().data_received(data)
        if not self._is_in_head:
            self._received_bytes = 0
        elif continues_head:
            self._received_bytes += len(data)
        if self._received_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(TOO_LONG)

    def send_400_response(self, msg: str) -> None:
        """Respond with the reason if it is the length, of which the parser reports only that it has failed."""
        super().send_400_response(TOO_LONG if self._parsed_bytes > MAX_HEAD_BYTES else msg)

    def on_message_begin(self) -> None:
        """Start to count."""
        super().on_message_begin()
        self._is_in_head = True
        self._parsed_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Count the URL, of which this may be a part."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count(len(name) + len(value) + HEADER_SEPARATORS)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop to count."""
        self._is_in_head = False
        super().on_headers_complete()

    def _count(self, length: int) -> None:
        self._parsed_bytes += length
        if self._parsed_bytes > MAX_HEAD_BYTES:
            # before the request is handled: the parts that have arrived may have a whole request
            raise HeadTooLongError
