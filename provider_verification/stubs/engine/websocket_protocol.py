"""uvicorn's WebSocket protocol, without the error that it logs for every denied handshake."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class DenyingWebSocketProtocol(WebSocketsSansIOProtocol):
    """Takes a denial response for the end of the handshake: uvicorn 0.54 logs that the handshake was not completed."""

    async def send(self, message: Any) -> None:
        """Send a message of the application."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True
