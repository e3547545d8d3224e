"""The metrics of a run: values, the text file, and the Pushgateway."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from monitoring.metrics import ExportError, create_registry, push, write_textfile
from monitoring.results import TestRun
from tests.external_tools import require_program
from tests.integration.metrics import parse_metrics
from tests.integration.waiting import wait_until
from tests.monitoring.runs import create_run

SUITES = {
    "call_flow": {"TestA::test_b[1]": "passed", "TestA::test_b[2]": "failed", "TestA::test_c": "skipped"},
    "auth_flow": {"TestD::test_e": "passed"},
}
GATES = [
    {"name": "tests that passed, in all", "passed": False, "actual": "75 %", "required": "at least 95 %"},
    {"name": "critical tests", "passed": True},
]
ENDED = 1803866700.0
"""2027-03-01T02:05:00Z in seconds since the epoch."""


@pytest.fixture
def run(tmp_path: Path) -> TestRun:
    """A run with a failed test and a failed gate."""
    return create_run(tmp_path / "run", SUITES, gates=GATES)


def written(run: TestRun, path: Path) -> dict[str, float]:
    """Return the series of a run's text file by name and labels, without the common prefix."""
    write_textfile(run, path)
    series = parse_metrics(path.read_text())
    return {name.removeprefix("voicehive_test_run_"): value for name, value in series.items()}


def test_text_file_holds_every_figure(run: TestRun, tmp_path: Path) -> None:
    """The values of the run, its suites, its tests and its gates."""
    series = written(run, tmp_path / "run.prom")

    assert {name: value for name, value in series.items() if "auth_flow" not in name} == {
        "success": 0,
        "pass_ratio": 0.75,
        "duration_seconds": 300,
        "last_completion_timestamp_seconds": ENDED,
        'suite_status{status="passed",suite="call_flow"}': 0,
        'suite_status{status="failed",suite="call_flow"}': 1,
        'suite_status{status="error",suite="call_flow"}': 0,
        'suite_status{status="not_run",suite="call_flow"}': 0,
        'suite_duration_seconds{suite="call_flow"}': 60.5,
        'suite_timeout_seconds{suite="call_flow"}': 300,
        'tests{status="passed",suite="call_flow"}': 1,
        'tests{status="failed",suite="call_flow"}': 1,
        'tests{status="error",suite="call_flow"}': 0,
        'tests{status="skipped",suite="call_flow"}': 1,
        'gate_passed{gate="tests_that_passed_in_all"}': 0,
        'gate_passed{gate="critical_tests"}': 1,
        'threshold{threshold="min_pass_rate"}': 0.95,
    }


def test_passed_run_has_the_time_of_the_latest_success(tmp_path: Path) -> None:
    """A failed run has none, so that a Pushgateway keeps the former one."""
    series = written(create_run(tmp_path, {"auth_flow": {"TestA::test_a": "passed"}}), tmp_path / "run.prom")

    assert (series["success"], series["last_success_timestamp_seconds"]) == (1, ENDED)


def test_labels_are_bounded(run: TestRun) -> None:
    """No test is a label, only suites, statuses and gates."""
    samples = [sample for family in create_registry(run).collect() for sample in family.samples]

    assert {label for sample in samples for label in sample.labels} == {
        "suite",
        "status",
        "gate",
        "threshold",
    }
    assert not any("test_" in value for sample in samples for value in sample.labels.values())


def test_unwritable_text_file_is_an_error(run: TestRun, tmp_path: Path) -> None:
    """It names the file."""
    with pytest.raises(ExportError, match=r"cannot write .*/absent/run.prom: No such file"):
        write_textfile(run, tmp_path / "absent/run.prom")


class GatewayHandler(BaseHTTPRequestHandler):
    """Keeps what is pushed."""

    requests: ClassVar[list[tuple[str, str, str]]] = []
    status = 200

    def do_POST(self) -> None:
        """Keep method, path and body."""
        self._keep()

    def do_PUT(self) -> None:
        """Keep what `do_POST` does."""
        self._keep()

    def _keep(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.requests.append((self.command, self.path, body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def gateway_receiver(response_status: int = 200) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Play a Pushgateway; yield its address and the requests that it gets."""
    received: list[tuple[str, str, str]] = []
    handler = type("Handler", (GatewayHandler,), {"requests": received, "status": response_status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


def test_push_replaces_the_metrics_of_the_job_and_keeps_others(run: TestRun) -> None:
    """A POST to the job's group, in Prometheus' text format; PUT would delete the time of the latest success."""
    with gateway_receiver() as (url, received):
        push(run, url, "nightly")

    [(method, path, body)] = received
    assert (method, path) == ("POST", "/metrics/job/nightly")
    assert 'voicehive_test_run_tests{status="failed",suite="call_flow"} 1.0' in body


def test_gateway_that_rejects_is_an_error(run: TestRun) -> None:
    """With the reason of the response."""
    with gateway_receiver(400) as (url, _), pytest.raises(ExportError, match="the metrics: Bad Request"):
        push(run, url, "nightly")


def test_gateway_that_is_away_is_an_error(run: TestRun) -> None:
    """Nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"

    with pytest.raises(ExportError, match=r"the Pushgateway did not accept the metrics: .*refused"):
        push(run, address, "nightly")


def test_real_pushgateway_keeps_the_latest_success(run: TestRun, tmp_path: Path) -> None:
    """Pushed by a passed run, it survives the failed one, and the other metrics are those of the latter."""
    program = require_program("prometheus-pushgateway", "prometheus-pushgateway")
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    process = subprocess.Popen([program, f"--web.listen-address={address}"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_ready(address), "the Pushgateway is ready")
        push(create_run(tmp_path, {"auth_flow": {"TestA::test_a": "passed"}}), address, "nightly")
        push(run, address, "nightly")
        series = parse_metrics(httpx.get(f"http://{address}/metrics").text)
    finally:
        process.kill()
        process.wait()

    labels = '{instance="",job="nightly"}'
    assert series[f"voicehive_test_run_success{labels}"] == 0
    assert series[f"voicehive_test_run_last_success_timestamp_seconds{labels}"] == ENDED


def is_ready(address: str) -> bool:
    """Return whether a Pushgateway responds."""
    try:
        return httpx.get(f"http://{address}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
