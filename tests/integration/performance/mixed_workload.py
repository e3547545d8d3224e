"""The requests of a hotel's day, all kinds at once, sent by locust: a process of its own, because it patches sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from local_stack.stack import ADMIN, WEBHOOK_SECRET
from tests.integration.figures import record_figures
from tests.integration.performance.performance_report import write_report
from tests.integration.performance.quality_gates import max_error_rate
from tests.integration.performance.workload import RESERVATIONS
from tests.integration.performance.world import World

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
REPOSITORY = Path(__file__).parents[3]
USERS = 4
SECONDS = 20
STOP_SECONDS = 60
"""Limit of the wait for the calls that are running at the end."""
TIMEOUT_SECONDS = 300
EXPECTED_ROUTES = {
    "POST /webhook/call-event: call.started",
    "POST /tts/synthesize",
    "POST /v1/livekit/webhook",
}
"""Some of the requests that every call makes."""


@pytest.mark.load
class TestMixedWorkload:
    """All endpoints at once, in the flows' proportions."""

    def test_at_most_5_percent_of_the_responses_are_errors(
        self, idle: World, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        """An error is what the service's contract does not allow for the operation, and every 5xx."""
        idle.vendors.apaleo.set_provider_state("reservations", count=len(RESERVATIONS))
        options = ("--headless", "--host", idle.admin.url, *_load_options(tmp_path))

        output = _run_locust(*options)

        _check_errors(_read_statistics(tmp_path, output), tmp_path, request)

    def test_load_of_several_machines_is_sent_by_locusts_master_and_workers(
        self, idle: World, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        """A master and a worker, here both on loopback; the master reports what the worker has sent."""
        idle.vendors.apaleo.set_provider_state("reservations", count=len(RESERVATIONS))
        port = str(_free_port())
        # given to the master, because a worker gets the host and the users from it
        options = ("--headless", "--host", idle.admin.url, *_load_options(tmp_path))
        master = ("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port)
        worker = ("--worker", "--master-host", "127.0.0.1", "--master-port", port)

        with _start_locust(*worker) as process:
            output = _run_locust(*options, *master, "--expect-workers", "1")
            process.communicate(timeout=TIMEOUT_SECONDS)

        _check_errors(_read_statistics(tmp_path, output), tmp_path, request)


def _load_options(folder: Path) -> Sequence[str]:
    return (
        *("--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", f"{SECONDS}s"),
        *("--stop-timeout", str(STOP_SECONDS), "--exit-code-on-error", "0", "--only-summary"),
        *("--json-file", str(folder / "statistics"), "--csv", str(folder / "load")),
    )


def _start_locust(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *options]
    credentials = {
        "LOAD_EMAIL": ADMIN[0],
        "LOAD_PASSWORD": ADMIN[1],
        "LOAD_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    return subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **credentials},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run_locust(*options: str) -> str:
    """Run locust to its end and return its output."""
    with _start_locust(*options) as process:
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, output
    return output


def _read_statistics(folder: Path, output: str) -> list[dict[str, Any]]:
    [path] = folder.glob("statistics*")
    statistics: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    assert statistics, output
    return statistics


def _check_errors(statistics: list[dict[str, Any]], folder: Path, request: pytest.FixtureRequest) -> None:
    """Record the load, and check the share of errors."""
    requests = {entry["name"]: entry["num_requests"] for entry in statistics}
    failures = {entry["name"]: entry["num_failures"] for entry in statistics if entry["num_failures"]}
    rate = sum(failures.values()) / sum(requests.values())
    write_report(
        f"mixed_workload/{request.node.name}", {"requests": requests, "errors": failures, "rate": rate}
    )
    record_figures(request, requests=sum(requests.values()), errors=failures, error_rate=f"{rate:.2%}")
    assert requests.keys() >= EXPECTED_ROUTES
    assert rate <= max_error_rate(), (folder / "load_failures.csv").read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
