"""`python -m broker --port 9292 --database FILE`: run the broker until it gets SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

import uvicorn

from broker.app import create_app
from broker.database import Database, DatabaseError

BACKLOG = 512


class Server(uvicorn.Server):
    """A server that prints its address once it listens."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and print the address."""
        await super().startup(sockets)
        sys.stdout.write(f"Pact Broker on {self._address}\n")
        sys.stdout.flush()


def main() -> int:
    """Run the broker and return the exit code: 1 if it cannot start, with the reason on standard error."""
    options = _options()
    try:
        database = Database(options.database)
        listener = listen(options.host, options.port)
    except (DatabaseError, OSError) as error:
        sys.stderr.write(f"the broker cannot start: {error}\n")
        return 1
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    config = uvicorn.Config(
        create_app(database), log_level="warning", lifespan="off", timeout_graceful_shutdown=5
    )
    try:
        Server(config, address).run(sockets=[listener])
    finally:
        database.close()
    return 0


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        host: an address of this machine.
        port: the port, or 0 for any free one.

    Raises:
        OSError: The port is in use, or the address is not one of this machine; the message names a solution.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(
            f"{host}:{port} cannot be listened on ({error.strerror}): give another --port, or 0 for any free one"
        ) from None
    return listener


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m broker", description="Run the embedded Pact Broker.")
    parser.add_argument(
        "--port", type=_port, default=9292, help="the port to listen on, 0 for any free one (default: 9292)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--database", type=Path, required=True, help="the SQLite file, created if it is missing"
    )
    return parser.parse_args()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is an integer from 0 to 65535")
    return port


if __name__ == "__main__":
    raise SystemExit(main())
