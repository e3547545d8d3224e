"""Limits the size of a request body and the time it takes to arrive."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MAX_REQUEST_BYTES = 64 * 1024
MAX_CALL_EVENT_BYTES = 1024 * 1024
"""Limit of a call event, whose metadata is long, and which only clients with a permission can send."""
CALL_EVENT_PATH = "/webhook/call-event"
BODY_TIMEOUT_SECONDS = 30.0
"""Limit of the whole body: a limit of each part would let a client send one byte at a time."""


class LimitedBodyReceiver:
    """Wraps an ASGI `receive`.

    Calling it raises HTTPException: 413 if the body is too long, 408 if it does not arrive in time. It is an
    HTTPException because the framework wraps any other exception that reading the body raises.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._max_bytes = MAX_CALL_EVENT_BYTES if scope["path"] == CALL_EVENT_PATH else MAX_REQUEST_BYTES
        self._remaining_bytes = self._max_bytes
        self._complete = False
        self._deadline = asyncio.get_running_loop().time() + BODY_TIMEOUT_SECONDS
        declared = Headers(scope=scope).get("content-length", "0")
        # Python raises ValueError for a number of more than 4,300 digits, among them leading zeros
        self._declared_bytes = int(declared.lstrip("0")[:20] or 0) if declared.isdecimal() else 0

    async def __call__(self) -> Message:
        """Return the next message."""
        # after the body only the client's disconnect can follow, which has no deadline
        if self._complete:
            return await self._receive()
        # before a byte is read; the count below is for chunked bodies, which declare no length
        if self._declared_bytes > self._max_bytes:
            raise self._too_long()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            # the rest of the body may still arrive, so the connection cannot be used again
            raise HTTPException(408, headers={"Connection": "close"}) from None
        self._remaining_bytes -= len(message.get("body", b""))
        if self._remaining_bytes < 0:
            raise self._too_long()
        self._complete = not message.get("more_body", False)
        return message

    def _too_long(self) -> HTTPException:
        return HTTPException(413, f"The body should have at most {self._max_bytes} bytes.")
