"""Bytes in and out of a stub, with the faults that happen on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import Receive, Send

from provider_verification.stubs.engine.fault_injection import FaultRule
from provider_verification.stubs.sdk import StubResponse

DRIP_CHUNK_BYTES = 64
"""Bytes in a piece of a dripping body."""


class ClientDisconnected(Exception):
    """The client went away before its request was whole: there is nobody to answer, and nothing to note."""


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole request body, or None when it is longer than the limit.

    Raises:
        ClientDisconnected: the connection was closed before the end of the body.
    """
    pieces: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        piece = message.get("body", b"")
        length += len(piece)
        if length <= limit:
            pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces) if length <= limit else None


async def send_response(send: Send, receive: Receive, answer: StubResponse, fault: FaultRule | None) -> None:
    """Send the answer, as the fault (if any) lets it through."""
    kind = fault.kind if fault else None
    if fault and kind in {"delay", "hang"}:
        await _wait(receive, fault.seconds or 60.0)
    if kind in {"reset", "hang"}:
        _abort(send)
        return
    if isinstance(answer.body, AsyncIterator):
        await _send_stream(send, answer, fault.seconds if fault and kind == "drip" else 0.0)
        return
    content = encode_body(answer)
    await _send_start(
        send, answer, [(b"content-length", b"%d" % len(content))] if answer.status != 204 else []
    )
    if kind == "truncate":
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        _abort(send, gracefully=True)
    elif fault and kind == "drip":
        for start in range(0, len(content), DRIP_CHUNK_BYTES):
            await send(
                {
                    "type": "http.response.body",
                    "body": content[start : start + DRIP_CHUNK_BYTES],
                    "more_body": True,
                }
            )
            await asyncio.sleep(fault.seconds)
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": content})


def encode_body(answer: StubResponse) -> bytes:
    """The body's bytes."""
    if answer.body is None:
        return b""
    if isinstance(answer.body, bytes):
        return answer.body
    # A lone surrogate of the request may be repeated in the response, and UTF-8 cannot encode it.
    return json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


async def _send_start(send: Send, answer: StubResponse, extra: list[tuple[bytes, bytes]]) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()
    ]
    if answer.body is not None:
        headers.append((b"content-type", answer.media_type.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": [*headers, *extra]})


async def _send_stream(send: Send, answer: StubResponse, pause: float) -> None:
    await _send_start(send, answer, [])
    pieces: Any = answer.body
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def _wait(receive: Receive, seconds: float) -> None:
    """Wait, but not longer than the client does."""

    async def client_left() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    left = asyncio.ensure_future(client_left())
    await asyncio.wait([left], timeout=seconds)
    left.cancel()


def _abort(send: Send, *, gracefully: bool = False) -> None:
    """Close the connection under the answer: ASGI has no word for it, uvicorn's transport has."""
    transport = send.__self__.transport  # type: ignore[attr-defined] # uvicorn's request cycle
    if gracefully:
        transport.close()
    else:
        transport.abort()
