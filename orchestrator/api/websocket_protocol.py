"""uvicorn's WebSocket protocol with limits of the time in which a client reads and of the frames that are read at once."""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from orchestrator.api.client_address import client_group
from orchestrator.api.write_timer import WriteTimer

RECEIVE_BUFFER_BYTES = 16 * 1024
"""Of the operating system, which doubles it. All frames of one read are parsed before other clients are served."""

INVALID_TEXT = 1007
"""The close code of a text that is not UTF-8 (RFC 6455, 7.4.1)."""


class LimitedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Aborts the connection of a client that does not read, like `LimitedHttpProtocol`, from which it takes it over.

    uvicorn itself waits until the client has read everything, also to close a connection whose pings are not answered.
    """

    _write_timer: WriteTimer
    client_group: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        super().connection_made(transport)
        self._write_timer = WriteTimer(self.loop, self.transport)
        # one of the connections of its address, as it was before it was taken over
        self.client_group = client_group(self.client[0]) if self.client else None
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)

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

    def pause_writing(self) -> None:
        """Start the timer for a client that does not read."""
        super().pause_writing()
        self._write_timer.start()

    def resume_writing(self) -> None:
        """Stop the timer, unless the connection is to be closed after the rest."""
        if not self.transport.is_closing():
            self._write_timer.stop()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._write_timer.stop()
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Serve the WebSocket; then the client has a limited time to read the rest."""
        try:
            await super().run_asgi()
        finally:
            self._write_timer.start()
