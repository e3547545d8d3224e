"""The HTTP server: it prints its address, ends with its parent if asked to, and closes stalled connections."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from contextlib import AsyncExitStack
from typing import Any

import uvicorn
from starlette.applications import Starlette

from broker.addresses import is_loopback
from broker.http_protocol import BoundedHttpProtocol

BACKLOG = 512
HEADER_TIMEOUT_SECONDS = 10.0
"""How long a connection may take to send the head of a request."""
SHUTDOWN_GRACE_SECONDS = 0.4
"""How long requests may take to finish after SIGTERM."""
GARBAGE_THRESHOLD = 20_000
"""New objects between two runs of the garbage collector."""

TICKS_PER_SWEEP = 10
"""Uvicorn ticks ten times a second."""


class Server(uvicorn.Server):
    """A Uvicorn server on one listening socket.

    Args:
        app: the application.
        listener: the socket.
        parent: the id of the process to end with, or None.
    """

    def __init__(self, app: Starlette, listener: socket.socket, parent: int | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttpProtocol,
                ws="none",
                log_level="warning",
                lifespan="off",
                proxy_headers=False,  # uvicorn would trust those from loopback, where anybody may be
            )
        )
        self._listener = listener
        self._parent = parent
        self._webhook_worker = app.state.webhook_worker
        self._background = AsyncExitStack()
        self._waiting: dict[Any, tuple[Any, float]] = {}

    def listen_and_serve(self) -> None:
        """Serve until SIGTERM, SIGINT or the end of the parent."""
        # a large document is many objects without a cycle: the collector would walk through them while they are decoded, and
        # through everything that was imported
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        self.run(sockets=[self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, and print the address."""
        await super().startup(sockets)
        # not as a lifespan of the application, which uvicorn does not end when it drops connections
        await self._background.enter_async_context(self._webhook_worker.running())
        try:
            sys.stdout.write(f"Pact Broker on {address_of(self._listener)}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self.should_exit = True  # the process that reads the address has ended

    async def on_tick(self, counter: int) -> bool:
        """Return whether to exit; every second stalled connections are closed."""
        if counter % TICKS_PER_SWEEP == 0:
            self._close_stalled_connections()
        # polled, because Linux alone can send a signal when the parent ends
        if self._parent is not None and os.getppid() != self._parent:
            return True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish running requests within the grace period, then drop all connections."""
        # uvicorn waits for running requests without a limit
        asyncio.get_running_loop().call_later(SHUTDOWN_GRACE_SECONDS, self._drop_connections)
        await super().shutdown(sockets)
        await self._background.aclose()

    def _drop_connections(self) -> None:
        self.force_exit = True
        for connection in list(self.server_state.connections):
            _abort(connection)

    def _close_stalled_connections(self) -> None:
        """Abort connections that wait too long for the head of a request.

        Uvicorn limits only the idle time after a response. A connection waits while it has no request or its last
        one is complete; a new request object between two sweeps restarts the time.
        """
        now = asyncio.get_running_loop().time()
        waiting = {}
        for connection in list(self.server_state.connections):
            request = getattr(connection, "cycle", None)
            if request is not None and not request.response_complete:
                continue
            previous, since = self._waiting.get(connection, (request, now))
            waiting[connection] = (request, since if previous is request else now)
            if now - waiting[connection][1] > HEADER_TIMEOUT_SECONDS:
                _abort(connection)
        self._waiting = waiting


def listen(host: str, port: int, *, has_users: bool = False) -> socket.socket:
    """Return a listening socket.

    Args:
        host: an address of this machine.
        port: the port, or 0 for any free one.
        has_users: whether the broker asks for credentials; without, it listens on loopback only.

    Raises:
        OSError: The port is in use, or the address is not one of this machine, or others could reach a broker that
            asks for no credentials; the message names a solution.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named, because asyncio sets TCP_NODELAY only on sockets with IPPROTO_TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # a restarted broker gets its port at once, although old connections linger
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # of the socket, because the option may be a name
        if has_users or is_loopback(listener.getsockname()[0]):
            listener.listen(BACKLOG)
            return listener
    except OSError as error:
        listener.close()
        raise OSError(
            f"{host}:{port} cannot be listened on ({error.strerror}): give another port (--port, or PORT= with make), or 0 for any free one"
        ) from None
    listener.close()
    raise OSError(
        f"on {host} anybody in the network could read and change everything: give --users-file FILE, or listen on 127.0.0.1"
    )


def address_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _abort(connection: Any) -> None:
    if connection.transport is not None:
        connection.transport.abort()
