"""Reading of request bodies and sending of responses, with the faults of the connection."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator

from starlette.types import Message, Receive, Send

from provider_verification.stubs.engine.fault_injection import FaultRule
from provider_verification.stubs.sdk import StubResponse

DRIP_CHUNK_BYTES = 64


class ClientDisconnected(Exception):
    """The client closed the connection before its request was complete."""


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """Return the request body, or None if it is longer than the limit.

    Args:
        receive: the ASGI channel.
        limit: the maximum size in bytes.

    Raises:
        ClientDisconnected: the connection was closed before the end of the body.
    """
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk = message.get("body", b"")
        length += len(chunk)
        # The rest is read and dropped: a client that is still sending does not read an early response.
        if length <= limit:
            chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks) if length <= limit else None


def replay_body(raw_body: bytes, receive: Receive) -> Receive:
    """Return an ASGI channel that gives a body that was read already, then the messages that follow it."""
    messages: list[Message] = [{"type": "http.request", "body": raw_body, "more_body": False}]

    async def receive_replayed() -> Message:
        return messages.pop() if messages else await receive()

    return receive_replayed


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_response(
    send: Send, response: StubResponse, rule: FaultRule | None, content: bytes | None = None
) -> None:
    """Send the response, cut off or slowed down by the fault rule if there is one.

    Args:
        send: takes messages of ASGI.
        response: what is sent.
        rule: the fault.
        content: the bytes of its body, if they are known.
    """
    kind = rule.kind if rule else None
    if kind in {"reset", "hang"}:
        close_connection(send, reset=kind == "reset")
        return
    pause = rule.seconds if rule and kind == "drip" else 0.0
    if isinstance(response.body, AsyncIterator):
        await _send_start(send, response, [])
        if kind == "truncate":
            # A stream has no known half.
            await send({"type": "http.response.body", "body": await anext(response.body), "more_body": True})
            close_connection(send)
        else:
            await _send_chunks(send, response.body, pause)
        return
    # A 204 and a 304 have no body, whatever the vendor's operation would send, and a 204 has no length either (RFC 9110).
    content = encode_body(response) if content is None else content
    content = b"" if response.status in {204, 304} else content
    length = [] if response.status in {204, 304} else [(b"content-length", b"%d" % len(content))]
    await _send_start(send, response, length)
    if kind == "truncate":
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        close_connection(send)
    elif kind == "drip":
        await _send_chunks(send, _split(content), pause)
    else:
        await send({"type": "http.response.body", "body": content})


def encode_body(response: StubResponse) -> bytes:
    """Return the bytes of a body that is not a stream."""
    if response.body is None:
        return b""
    if isinstance(response.body, bytes):
        return response.body
    # A lone surrogate of the request may be repeated in the response, and UTF-8 cannot encode it.
    return json.dumps(response.body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


async def _send_start(send: Send, response: StubResponse, extra: list[tuple[bytes, bytes]]) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()
    ]
    if response.body is not None:
        headers.append((b"content-type", response.media_type.encode("latin-1")))
    await send({"type": "http.response.start", "status": response.status, "headers": [*headers, *extra]})


async def _send_chunks(send: Send, chunks: AsyncIterator[bytes], pause: float) -> None:
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def _split(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), DRIP_CHUNK_BYTES):
        yield content[start : start + DRIP_CHUNK_BYTES]


def close_connection(send: Send, *, reset: bool = False) -> None:
    """Close the connection after what was sent, or reset it.

    Args:
        send: the ASGI channel, of uvicorn: ASGI itself has no message that closes a connection.
        reset: send a TCP reset instead of an orderly close.
    """
    transport = send.__self__.transport  # type: ignore[attr-defined] # uvicorn's request cycle
    if reset:
        # With a linger time of zero the kernel sends RST; `abort` alone sends an orderly FIN.
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    else:
        transport.close()
