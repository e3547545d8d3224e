"""Servers of stubs on loopback: in a thread for tests, or in this process until stopped."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPMethod
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import ASGIApp

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.http_limits import (
    MAX_HEADER_BYTES,
    LimitedH11Protocol,
    LimitedHttpToolsProtocol,
)
from provider_verification.stubs.engine.local_stubs import registered
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.websocket_protocol import DenyingWebSocketProtocol

HOST = "127.0.0.1"
BACKLOG = 2048
START_TIMEOUT_SECONDS = 60.0
START_POLL_SECONDS = 0.005
# Read at import: later, a parent that was killed early could not be distinguished from the real one.
PARENT_PID = os.getppid()
PARENT_POLL_SECONDS = 0.5
"""A killed parent is noticed after this time; shorter polls would wake an idle stub more often."""


class StubServers:
    """Stubs on their own ports, all in one event loop.

    Args:
        apps: the stubs.
        first_port: the first stub's port, the others follow; 0 takes free ones.
        certificate: the files of a certificate and its private key, to serve TLS.
        wrap: returns the ASGI application that is served for a stub, by default the stub itself.

    Raises:
        OSError: a port is in use.
    """

    def __init__(
        self,
        apps: Iterable[StubApp],
        first_port: int = 0,
        *,
        certificate: tuple[Path, Path] | None = None,
        wrap: Callable[[StubApp], ASGIApp] = lambda app: app,
    ) -> None:
        self.apps = list(apps)
        self.sockets = [_bind(first_port + index if first_port else 0) for index in range(len(self.apps))]
        self._scheme = "https" if certificate else "http"
        self._servers = [uvicorn.Server(_create_config(app, wrap(app), certificate)) for app in self.apps]

    @property
    def urls(self) -> dict[str, str]:
        """The base URL of each vendor's stub."""
        ports = [listener.getsockname()[1] for listener in self.sockets]
        return {
            app.vendor: f"{self._scheme}://{HOST}:{port}" for app, port in zip(self.apps, ports, strict=True)
        }

    @property
    def started(self) -> bool:
        """Whether all servers accept connections."""
        return all(server.started for server in self._servers)

    def serve(self) -> None:
        """Run an event loop and serve until `stop` is called."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    def serve_while_parent_lives(self) -> None:
        """Serve until `stop` is called or the parent process ends, even by SIGKILL."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve_while_parent_lives())

    async def _serve(self) -> None:
        pairs = zip(self._servers, self.sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in pairs))

    async def _serve_while_parent_lives(self) -> None:
        watch = asyncio.create_task(self._stop_after_parent())
        try:
            await self._serve()
        finally:
            watch.cancel()

    async def _stop_after_parent(self) -> None:
        # An orphan gets another parent on every Unix; Linux alone can send a signal when the parent ends.
        while os.getppid() == PARENT_PID:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(PARENT_POLL_SECONDS)
        self.stop()

    def stop(self) -> None:
        """Make `serve` return."""
        for server in self._servers:
            server.should_exit = True


@contextmanager
def run_stubs(vendors: Iterable[str]) -> Iterator[dict[str, str]]:
    """Serve the stubs of these vendors in a thread while the context is open; yields the base URL of each."""
    with run_apps(create_stub_app(vendor) for vendor in vendors) as servers:
        yield servers.urls


@contextmanager
def run_apps(
    apps: Iterable[StubApp],
    *,
    certificate: tuple[Path, Path] | None = None,
    wrap: Callable[[StubApp], ASGIApp] = lambda app: app,
) -> Iterator[StubServers]:
    """Serve stubs in a thread while the context is open; the arguments are those of `StubServers`.

    Raises:
        TimeoutError: the servers do not start within START_TIMEOUT_SECONDS.
    """
    servers = StubServers(apps, certificate=certificate, wrap=wrap)
    thread = threading.Thread(target=servers.serve, daemon=True)
    thread.start()
    journals = {servers.urls[app.vendor]: app.runtime.journal.requests for app in servers.apps}
    try:
        _wait_until_started(servers)
        with registered(journals):
            yield servers
    finally:
        servers.stop()
        thread.join(START_TIMEOUT_SECONDS)


def _wait_until_started(servers: StubServers) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not servers.started:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the stubs did not start within {START_TIMEOUT_SECONDS:.0f} s")
        time.sleep(START_POLL_SECONDS)


def _create_config(
    app: StubApp, served_app: ASGIApp, certificate: tuple[Path, Path] | None
) -> uvicorn.Config:
    # httptools is twice as fast, but rejects methods that are not in RFC 9110, such as Vault's LIST.
    custom_methods = {operation.method for operation in app.runtime.contract.operations} - set(HTTPMethod)
    certificate_file, key_file = certificate or (None, None)
    return uvicorn.Config(
        served_app,
        http=LimitedH11Protocol if custom_methods else LimitedHttpToolsProtocol,
        ws=DenyingWebSocketProtocol,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        # Longer than clients keep a connection: otherwise one is closed just when a client reuses it.
        timeout_keep_alive=75,
        ssl_certfile=certificate_file,
        ssl_keyfile=key_file,
    )


def _bind(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only if the protocol is given; without it each response waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # from here on a client waits until the server accepts it, instead of being refused
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(
            f"port {port} on {HOST} is in use: choose another with --port, or PORT with make ({error.strerror})"
        ) from None
    return listener
