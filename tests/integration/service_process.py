"""The service as a process that a test kills and starts again at the same address."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from multiprocessing import active_children
from pathlib import Path

from local_stack.orchestrator_process import free_port, run_orchestrator


class ServiceProcess:
    """One process of the service.

    Args:
        environment: its settings.
        log: the file that its output is appended to.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log
        self._port = free_port()
        self._running = ExitStack()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        earlier = {process.pid for process in active_children()}
        self._running.enter_context(run_orchestrator(self._environment, self._log, self._port))
        [self._process] = [process for process in active_children() if process.pid not in earlier]

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.join()
        self.stop()

    def stop(self) -> None:
        """Stop it in an orderly way, unless it is gone."""
        self._running.close()
