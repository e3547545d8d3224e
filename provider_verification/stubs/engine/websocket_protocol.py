"""uvicorn's WebSocket protocol, without the errors that it logs for what a client sends."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

INVALID_TEXT = 1007
"""The close code of a text that is not UTF-8 (RFC 6455, 7.4.1)."""


class DenyingWebSocketProtocol(WebSocketsSansIOProtocol):
    """Takes a denial response for the end of the handshake: uvicorn 0.54 logs that the handshake was not completed."""

    def send_receive_event_to_app(self) -> None:
        """Give a message to the application; one that is not UTF-8 ends the connection, without uvicorn's traceback."""
        try:
            if self.curr_msg_data_type == "text" and not self.close_sent:
                b"".join(self.frames).decode()
        except UnicodeDecodeError:
            self.frames = []
            self.conn.send_close(INVALID_TEXT)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Send a message of the application."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True
