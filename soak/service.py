"""The service as a process that can be killed, suspended and started again on the same port."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local_stack.orchestrator_process import HOST, free_port, run_orchestrator
from tests.integration.process_memory import find_listener


class ServiceProcess:
    """The orchestrator.

    Args:
        environment: its settings.
        log: the file that its output is appended to.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._environment = environment
        self._port = free_port()
        self.url = f"http://{HOST}:{self._port}"
        self._running = ExitStack()
        self._pid = 0

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._running.enter_context(run_orchestrator(self._environment, self.log, self._port))
        self._pid = find_listener(self.url)

    def kill(self) -> None:
        """Kill it as a crash does, and wait until it is gone."""
        os.kill(self._pid, signal.SIGKILL)
        self._running.close()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Suspend it for the block: it accepts connections but does not respond."""
        os.kill(self._pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it."""
        self._running.close()
