"""The service as a process that can be killed, suspended and started again at the same address."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local_stack.orchestrator_process import SERVICE, free_port, run_orchestrator


class ServiceProcess:
    """One process of the service.

    Args:
        environment: its settings.
        log: the file that its output is appended to.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = environment
        self.log = log
        self._port = free_port()
        self._running = ExitStack()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        # what it reads is not recorded: a killed process takes other paths in each run
        orchestrator = run_orchestrator(self._environment, self.log, self._port, SERVICE)
        self._process = self._running.enter_context(orchestrator).process

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.join()
        self.stop()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Suspend it for the block: it accepts connections but does not respond."""
        pid = self._process.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop it in an orderly way, unless it is gone."""
        self._running.close()
