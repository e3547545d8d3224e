"""Reads HTTP/1.1 messages from a stream as bytes, so that a proxy can damage them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A complete HTTP message.

    Attributes:
        head: the start line and the headers, with the empty line.
        body: the body, without the framing of chunks.
    """

    head: bytes
    body: bytes

    @property
    def start_line(self) -> str:
        """The request line or the status line."""
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.start_line.split(" ", 2)[1])

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None."""
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return None

    def with_framing(self, *framing: str) -> bytes:
        """Return the head with other framing headers in place of Content-Length and Transfer-Encoding."""
        lines = self.head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        headers = [
            line for line in lines if not line.lower().startswith(("content-length:", "transfer-encoding:"))
        ]
        return "\r\n".join([*headers, *framing, "", ""]).encode("latin-1")

    def to_bytes(self) -> bytes:
        """Return the message as it is sent, with a Content-Length if it has a body."""
        if self.header("transfer-encoding") is None:
            return self.head + self.body
        return self.with_framing(f"content-length: {len(self.body)}") + self.body


async def read_message(reader: asyncio.StreamReader) -> RawMessage | None:
    """Return the next message, or None if the peer closed the connection before it was complete.

    Raises:
        ValueError: the bytes are not HTTP.
    """
    try:
        head = await reader.readuntil(END_OF_HEAD)
        message = RawMessage(head, b"")
        if message.header("transfer-encoding"):
            return RawMessage(head, await _read_chunks(reader))
        return RawMessage(head, await reader.readexactly(int(message.header("content-length") or 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return bytes(body)
