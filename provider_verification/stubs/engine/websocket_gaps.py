"""What a stub says over a WebSocket about itself: what it does not model, and its own defects."""

from __future__ import annotations

import json

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketState

from provider_verification.stubs.engine.asgi_io import encode_body
from provider_verification.stubs.engine.not_modelled import not_modelled_issue, not_modelled_response
from provider_verification.stubs.engine.runtime import StubRuntime
from provider_verification.stubs.engine.sent_request import WEBSOCKET_METHOD, SentRequest
from provider_verification.stubs.sdk import NotModelled

INTERNAL_ERROR = 1011
"""The close code for a defect of the stub (RFC 6455, section 7.4.1)."""
NOT_MODELLED = 4501
"""The close code for what the stub lacks; no vendor uses this range for private codes (RFC 6455, section 7.4.2)."""
MAX_REASON_BYTES = 120
"""A close reason has at most 123 bytes (RFC 6455, section 5.5)."""


def sent_handshake(socket: WebSocket) -> SentRequest:
    """Return the request that opened a WebSocket; its messages have no command line that repeats them."""
    port = socket.client.port if socket.client else 0
    return SentRequest(
        caller=socket.headers.get("user-agent") or f"connection {port}",
        method=WEBSOCKET_METHOD,
        base_url=str(socket.base_url),
        target=socket.url.path,
        headers=dict(socket.headers),
    )


async def deny_not_modelled(runtime: StubRuntime, name: str, gap: NotModelled, socket: WebSocket) -> None:
    """Respond to a handshake with the 501 of HTTP: the stub lacks the WebSocket, or something that it asks for."""
    runtime.journal.record_violation(
        "not_modelled", name, not_modelled_issue(gap), "", sent_handshake(socket)
    )
    response = not_modelled_response(runtime.vendor, gap)
    if socket.client_state == WebSocketState.CONNECTING:
        await socket.receive()
    await socket.send_denial_response(
        Response(encode_body(response), response.status, media_type=response.media_type)
    )


async def close_not_modelled(runtime: StubRuntime, name: str, socket: WebSocket, gap: NotModelled) -> None:
    """Say what the stub lacks in a message, and close the connection with 4501."""
    runtime.journal.record_violation(
        "not_modelled", name, not_modelled_issue(gap), "", sent_handshake(socket)
    )
    if _is_open(socket):
        await socket.send_text(json.dumps(not_modelled_response(runtime.vendor, gap).body))
        await close_with_reason(socket, NOT_MODELLED, f"not modelled: {gap.what}")


async def close_after_defect(runtime: StubRuntime, name: str, socket: WebSocket, error: Exception) -> None:
    """Record an error in the stub's own code, and close the connection with 1011."""
    defect = runtime.journal.record_exception(name, INTERNAL_ERROR, error)
    if _is_open(socket):
        await close_with_reason(socket, INTERNAL_ERROR, json.dumps(defect))


async def close_with_reason(socket: WebSocket, code: int, reason: str) -> None:
    """Close a connection with a reason that is cut off at MAX_REASON_BYTES."""
    await socket.close(code, reason.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore"))


def _is_open(socket: WebSocket) -> bool:
    return socket.client_state == socket.application_state == WebSocketState.CONNECTED
