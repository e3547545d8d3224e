"""A broker on loopback in the test process: one in a process of its own takes a second of CPU time to start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from broker.app import create_app
from broker.database import Database
from broker.server import address_of, listen

STOP_TIMEOUT_SECONDS = 10.0


@contextmanager
def serve_broker(file: Path) -> Iterator[str]:
    """Serve a broker on a database while the block runs; yield its URL."""
    listener = listen("127.0.0.1", 0)
    database = Database(file)
    server = uvicorn.Server(uvicorn.Config(create_app(database), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join(STOP_TIMEOUT_SECONDS)
        database.close()
