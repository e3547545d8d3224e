"""The orchestrator as a process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

HOST = "127.0.0.1"
START_DEADLINE = 60.0
STOP_DEADLINE = 10.0
INHERITED_ENV_VARS = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_CONFIG", "PYTHONPATH"}
)
"""What of this process's environment the service gets; the rest of its settings is said."""


class StartError(Exception):
    """The service did not start; the message holds what it said."""


@contextmanager
def run_orchestrator(environment: Mapping[str, str], log: Path, port: int = 0) -> Iterator[str]:
    """Run the service for as long as the block runs; gives its address.

    Args:
        environment: its settings.
        log: the file that gets what it prints.
        port: where it listens; 0 takes a free one.

    Raises:
        StartError: it stopped, or is not ready within the deadline.
    """
    port = port or free_port()
    kept = {name: value for name, value in os.environ.items() if name in INHERITED_ENV_VARS}
    command = [sys.executable, "-m", "orchestrator", "--host", HOST, "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**kept, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://{HOST}:{port}"
    try:
        _wait_until_ready(url, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_DEADLINE)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_DEADLINE
    with httpx.Client(timeout=5.0) as client:
        while time.monotonic() < ends:
            if process.poll() is not None:
                raise StartError(log.read_text(encoding="utf-8")[-2000:])
            try:
                if client.get(f"{url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
    raise StartError(f"{url}/readyz was not ready within {START_DEADLINE:.0f} s: see {log}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
