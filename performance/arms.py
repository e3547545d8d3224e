"""The processes that are measured side by side: versions of the service, and the yardstick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import redis

from local_stack.orchestrator_process import INHERITED_ENV_VARS, free_port
from local_stack.stack import ADMIN, WEBHOOK_SECRET
from performance.http_client import Client, CpuClock, MeasurementError, json_request
from performance.session import Session
from tests.redis_server import redis_server

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 15.0
POLL_SECONDS = 0.05
UNITS = 1_000_000
"""More than a round books."""
SETTINGS = {
    "ENVIRONMENT": "test",
    "ADMIN_EMAIL": ADMIN[0],
    "ADMIN_PASSWORD": ADMIN[1],
    "APALEO_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "PASSWORD_COST": "least",
    # a short window, because the limiter keeps the time of every request in it
    "RATE_LIMIT": "100000000",
    "RATE_WINDOW": "1",
    "ACCESS_TOKEN_SECONDS": "86400",
    "SESSION_SECONDS": "86400",
    # a busy machine makes requests slow; a limit that is reached would change what is measured
    "VENDOR_DEADLINE": "60",
    "PMS_DEADLINE": "60",
    "EVENT_DEADLINE": "600",
    "REDIS_TIMEOUT": "60",
    "DATABASE_TIMEOUT": "60",
    # calls can be ordered, and none is placed
    "OUTBOUND_TRUNK_ID": "ST_out",
    "OUTBOUND_NUMBER": "+4930111111",
    "OUTBOUND_POLL_SECONDS": "86400",
}
"""Limits are so high that none is reached; password hashes are cheap, because their cost is a setting and no code."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the service.

    Attributes:
        name: for messages and reports.
        root: the folder of its code.
        slow: the arguments of `performance/serve.py` that slow down a route.
    """

    name: str
    root: Path
    slow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """What all versions use: the stub vendors and a Redis.

    Attributes:
        stub_urls: the base URLs of the vendors.
        environment: the variables that make a service use the stub vendors.
        redis_url: the Redis without a database number.
        folder: for databases and logs.
    """

    stub_urls: Mapping[str, str]
    environment: Mapping[str, str]
    redis_url: str
    folder: Path

    def reset(self) -> None:
        """Remove the data of earlier rounds, so that all rounds begin alike."""
        for url in self.stub_urls.values():
            httpx.post(f"{url}/_stub/reset").raise_for_status()
        state = {"state": "units to sell", "params": {"available": UNITS}}
        httpx.post(f"{self.stub_urls['apaleo']}/_stub/states", json=state).raise_for_status()
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()


@dataclass(frozen=True, slots=True)
class Arm:
    """A running process that gets requests.

    Attributes:
        name: of the version.
        client: the connection to it.
        cpu: its CPU time.
        pid: its process.
    """

    name: str
    client: Client
    cpu: CpuClock
    pid: int


@contextmanager
def run_shared(folder: Path) -> Iterator[Shared]:
    """Run the stub vendors and a Redis as long as the block."""
    command = [sys.executable, "-m", "performance.stub_process"]
    log = folder / "stubs.log"
    with (
        redis_server() as server,
        _process(command, ROOT, log, dict(os.environ), subprocess.PIPE) as process,
    ):
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise MeasurementError(f"the stub vendors did not start: {_tail(log)}")
        answer: dict[str, Any] = json.loads(line)
        yield Shared(answer["urls"], answer["environment"], server.url, folder)


@contextmanager
def run_services(versions: list[Version], shared: Shared) -> Iterator[list[tuple[Arm, Session]]]:
    """Run services with empty data as long as the block; they start at the same time.

    Raises:
        MeasurementError: one does not start.
    """
    shared.reset()
    with ExitStack() as stack:
        arms = [
            stack.enter_context(_start_service(version, shared, number))
            for number, version in enumerate(versions, 1)
        ]
        for arm in arms:
            _wait_until_ready(arm, "/readyz", shared.folder / f"{arm.name}.log")
            stack.callback(arm.client.close)
        yield [(arm, Session(arm.client, arm.name, shared.stub_urls)) for arm in arms]


@contextmanager
def run_yardstick(folder: Path) -> Iterator[Arm]:
    """Run the yardstick as long as the block.

    Raises:
        MeasurementError: it does not start.
    """
    port = free_port()
    command = [sys.executable, "-m", "performance.yardstick", str(port)]
    log = folder / "yardstick.log"
    with _process(command, ROOT, log, dict(os.environ)) as process:
        arm = _arm("yardstick", port, process)
        _wait_until_ready(arm, "/", log, status=404)
        yield arm
        arm.client.close()


@contextmanager
def _start_service(version: Version, shared: Shared, number: int) -> Iterator[Arm]:
    database = shared.folder / f"{version.name}.sqlite"
    for file in shared.folder.glob(f"{database.name}*"):
        file.unlink()
    inherited = {
        name: value for name, value in os.environ.items() if name in INHERITED_ENV_VARS - {"PYTHONPATH"}
    }
    environment = {
        **inherited,
        **SETTINGS,
        **shared.environment,
        "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "REDIS_URL": f"{shared.redis_url}?db={number}",
    }
    port = free_port()
    command = [
        sys.executable,
        str(ROOT / "performance/serve.py"),
        str(version.root),
        str(port),
        *version.slow,
    ]
    with _process(command, version.root, shared.folder / f"{version.name}.log", environment) as process:
        yield _arm(version.name, port, process)


def _arm(name: str, port: int, process: subprocess.Popen[bytes]) -> Arm:
    processors = sorted(os.sched_getaffinity(process.pid))
    # all on the same one, because two processors differ by what else runs on them
    os.sched_setaffinity(process.pid, processors[-1:])
    return Arm(name, Client(f"http://{HOST}:{port}", name), CpuClock(process.pid), process.pid)


@contextmanager
def _process(
    command: list[str], folder: Path, log: Path, environment: Mapping[str, str], stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process as long as the block; its standard input ends with this process."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=stdout or file, stderr=file
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.communicate(timeout=STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _wait_until_ready(arm: Arm, path: str, log: Path, status: int = 200) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    problem = ""
    while time.monotonic() < deadline and Path(f"/proc/{arm.pid}").exists():
        try:
            arm.client.send(json_request("GET", path, status=status))
        except MeasurementError as error:
            problem = str(error)
            arm.client.close()
            if _has_ended(arm.pid):
                break
            time.sleep(POLL_SECONDS)
        else:
            return
    raise MeasurementError(f"{arm.name} did not start: {problem}\n{_tail(log)}")


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
