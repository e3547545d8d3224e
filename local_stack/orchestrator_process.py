"""The orchestrator as a process that ends with the process that started it."""

from __future__ import annotations

import os
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 10.0
INHERITED_ENV_VARS = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "COVERAGE_PROCESS_CONFIG",
        "CONTRACT_USAGE_FOLDER",
        "PYTHONPATH",
    }
)
"""Variables that the service inherits; its settings are passed explicitly."""
SERVICE = "orchestrator"
MODULE_VARIABLE = "SERVICE_MODULE"
"""The variable that names the module which is run as the service; an instrumented one may take its place."""
FORK_SERVER = get_context("forkserver")
# importing the service takes longer than the rest of its start, and the suites start it dozens of times
FORK_SERVER.set_forkserver_preload(
    ["orchestrator.app", "orchestrator.api.http_protocol", "typer", "aiosqlite"]
)


class StartError(Exception):
    """The service did not start; the message contains the end of its log."""


@dataclass(frozen=True, slots=True)
class RunningOrchestrator:
    """The service's base URL and its process."""

    url: str
    process: BaseProcess


@contextmanager
def run_orchestrator(
    environment: Mapping[str, str], log: Path, port: int = 0, module: str | None = None
) -> Iterator[RunningOrchestrator]:
    """Run the service as long as the block.

    Args:
        environment: its settings.
        log: the file that its output is appended to.
        port: the port it listens on; 0 takes a free one.
        module: the module that is run; one in place of the service takes the same options. By default that of
            `MODULE_VARIABLE`, or the service itself.

    Raises:
        StartError: if the port is in use, or the service stops or is not ready within `START_TIMEOUT_SECONDS`.
    """
    if port:
        _require_free(port)
    else:
        port = free_port()
    module = module or os.environ.get(MODULE_VARIABLE, SERVICE)
    inherited = {name: value for name, value in os.environ.items() if name in INHERITED_ENV_VARS}
    process = FORK_SERVER.Process(target=_serve, args=({**inherited, **environment}, log, port, module))
    process.start()
    url = f"http://{HOST}:{port}"
    try:
        _wait_until_ready(url, process, log)
        yield RunningOrchestrator(url, process)
    finally:
        process.terminate()
        process.join(STOP_TIMEOUT_SECONDS)
        if process.is_alive():
            process.kill()
            process.join(STOP_TIMEOUT_SECONDS)
        process.close()


def _serve(environment: Mapping[str, str], log: Path, port: int, module: str) -> None:
    """Run `python -m MODULE` in this process, which the fork server has just created."""
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # a daemon, so that the service can also end by itself
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    sys.argv = ["orchestrator", "--host", HOST, "--port", str(port)]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _stop_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _wait_until_ready(url: str, process: BaseProcess, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    with httpx.Client(timeout=5.0) as client:
        while time.monotonic() < deadline:
            if process.exitcode is not None:
                raise StartError(log.read_text(encoding="utf-8")[-2000:])
            try:
                if client.get(f"{url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
    raise StartError(f"{url}/readyz was not ready within {START_TIMEOUT_SECONDS:.0f} s: see {log}")


def _require_free(port: int) -> None:
    """Check that nothing listens on a port: a service that does would respond in the orchestrator's place.

    Raises:
        StartError: if the port is in use.
    """
    with socket.socket() as listener:
        # as the server does it: a port with lingering connections can be used
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            reason = (
                f"port {port} cannot be used ({error.strerror}): stop what listens there, or choose another"
            )
            raise StartError(f"{reason}, for example 'make run PORT={port + 1}'") from None


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        # closed before the service opens it, so another process may take the port in between
        port: int = listener.getsockname()[1]
        return port
