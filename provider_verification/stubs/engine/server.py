"""Serves stubs on loopback: for a while in this process, or until stopped."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPMethod

import uvicorn
import uvloop

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.registry import create_stub_app

HOST = "127.0.0.1"
START_DEADLINE = 15.0


class StubServers:
    """Stubs on their ports, all in one event loop."""

    def __init__(self, apps: Iterable[StubApp], first_port: int = 0) -> None:
        self.apps = list(apps)
        self.sockets = [_bound(first_port + number if first_port else 0) for number in range(len(self.apps))]
        self._servers = [uvicorn.Server(_config(app)) for app in self.apps]

    @property
    def urls(self) -> dict[str, str]:
        """Each vendor's address."""
        ports = [listener.getsockname()[1] for listener in self.sockets]
        return {app.vendor: f"http://{HOST}:{port}" for app, port in zip(self.apps, ports, strict=True)}

    @property
    def started(self) -> bool:
        """Whether all of them listen."""
        return all(server.started for server in self._servers)

    def serve(self) -> None:
        """Serve until `stop`, in an event loop of their own."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        pairs = zip(self._servers, self.sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in pairs))

    def stop(self) -> None:
        """Make `serve` end."""
        for server in self._servers:
            server.should_exit = True


@contextmanager
def run_stubs(vendors: Iterable[str]) -> Iterator[dict[str, str]]:
    """Serve these vendors' stubs in a thread for as long as the block runs; gives each one's address."""
    with run_apps(create_stub_app(vendor) for vendor in vendors) as servers:
        yield servers.urls


@contextmanager
def run_apps(apps: Iterable[StubApp]) -> Iterator[StubServers]:
    """Serve these stubs in a thread for as long as the block runs.

    Raises:
        TimeoutError: they do not listen within the deadline.
    """
    servers = StubServers(apps)
    thread = threading.Thread(target=servers.serve, daemon=True)
    thread.start()
    try:
        _wait_until_started(servers)
        yield servers
    finally:
        servers.stop()
        thread.join(START_DEADLINE)


def _wait_until_started(servers: StubServers) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while not servers.started:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the stubs did not start within {START_DEADLINE:.0f} s")
        time.sleep(0.005)


def _config(app: StubApp) -> uvicorn.Config:
    # httptools is twice as fast, and refuses methods that are not HTTP's own, such as Vault's LIST.
    own = {operation.method for operation in app.contract.operations} - set(HTTPMethod)
    return uvicorn.Config(
        app,
        http="h11" if own else "httptools",
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,  # longer than clients do, or one is closed just when it is used again
    )


def _bound(port: int) -> socket.socket:
    # With the protocol named, asyncio sets TCP_NODELAY; without it each answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"port {port} on {HOST} is in use: choose another with --port ({error.strerror})"
        ) from None
    return listener
