"""Runs of the runner: its exit codes, and failures of every kind in its reports."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import REPOSITORY
from tests.integration.waiting import wait_until
from tests.suite_runner.conftest import FAILING, PASSING, SmallCheckout

pytestmark = pytest.mark.timeout(300)  # it starts processes, on a machine that may be busy

EVERY_FAILURE = """
import os, time
import pytest

class TestErrors:
    @pytest.fixture
    def unclean(self):
        yield
        raise RuntimeError("the clean-up broke")

    @pytest.fixture
    def unprepared(self):
        raise RuntimeError("the set-up broke")

    def test_clean_up(self, unclean): pass
    def test_set_up(self, unprepared): pass
    @pytest.mark.timeout(600)
    def test_hang(self): time.sleep(100)

class TestOthers:
    @pytest.mark.critical
    @pytest.mark.parametrize("text", ["a::b [c]"])
    def test_assertion(self, text): assert text == "", "password='hunter2' of guest@hotel.example"
    @pytest.mark.skip(reason="not today")
    def test_skipped(self): pass
    def test_passed(self, record_property): pass
"""
PACT_COVERAGE = """
from types import SimpleNamespace

def pytest_configure(config):
    vendor = SimpleNamespace(recorded=("a", "b"), exercised={"b"}, listed=())
    plugin = SimpleNamespace(session_coverage=lambda: {"apaleo": vendor})
    config.pluginmanager.register(plugin, "contract_usage.pytest_plugin")
"""


def test_passed_run_exits_with_0(checkout: SmallCheckout) -> None:
    """Suites run, files that no suite names are a suite too, and a suite that is not required may lack files."""
    checkout.write(call_flow_a=PASSING, call_flow_b=PASSING, auth_flow=PASSING, unknown=PASSING)
    (checkout.root / "conftest.py").write_text(PACT_COVERAGE)

    code = checkout.run()

    assert code == 0, checkout.output
    statuses = {name: (suite["status"], suite["passed_tests"]) for name, suite in checkout.suites.items()}
    assert statuses == {
        "call_flow": ("passed", 2),
        "auth_flow": ("passed", 1),
        "other": ("passed", 1),
        "performance": ("error", 0),
    }
    assert checkout.results["overall_status"] == "passed"
    assert checkout.results["pact_coverage"] == {"apaleo": {"exercised": 1, "recorded": 2, "missing": ["a"]}}
    assert "Passed: 4 of 4 tests passed" in checkout.output


def test_failures_of_every_kind_are_reported(checkout: SmallCheckout) -> None:
    """Set-up, clean-up, a hung test, an assertion: each is named as such, without secrets, and the exit code is 1."""
    checkout.write(auth_flow=EVERY_FAILURE)

    code = checkout.run("--suites", "auth_flow", "--timeout", "1")

    assert code == 1
    kinds = {name: (test["outcome"], test["kind"]) for name, test in checkout.tests.items()}
    assert kinds == {
        "TestErrors::test_clean_up": ("error", "failed clean-up"),
        "TestErrors::test_set_up": ("error", "failed set-up"),
        "TestErrors::test_hang": ("error", "hung test"),
        "TestOthers::test_assertion[a::b [c]]": ("failed", "failed assertion"),
        "TestOthers::test_skipped": ("skipped", None),
        "TestOthers::test_passed": ("passed", None),
    }
    assert (
        "auth_flow: HUNG TEST: tests/integration/test_auth_flow.py::TestErrors::test_hang" in checkout.output
    )
    gates = {gate["name"]: gate["passed"] for gate in checkout.results["gates"]}
    assert gates == {
        "required suites that ran to their end": True,
        "tests that passed, in all and in each required suite": False,
        "critical tests that passed": False,
        "tests that crashed, hung, or failed in set-up or clean-up": False,
        "duration of the run": True,
    }
    for file in (*checkout.reports.glob("*.*"), checkout.reports / "logs/auth_flow.log"):
        assert "hunter2" not in file.read_text(), file
        assert "guest@hotel.example" not in file.read_text(), file


def test_reports_have_the_fields_that_programs_read(checkout: SmallCheckout) -> None:
    """JSON as the original runner wrote it, and one JUnit suite for each suite."""
    checkout.write(auth_flow=PASSING + FAILING, call_flow_a=PASSING)

    code = checkout.run("--suites", "auth_flow", "call_flow", "--json")

    document = json.loads(checkout.output)
    assert code == 1
    assert document == checkout.results
    assert {"overall_status", "start_time", "end_time", "total_duration", "statistics"} <= document.keys()
    assert document["statistics"]["pass_rate"] == pytest.approx(2 / 3)
    assert {"total_suites", "passed_suites", "failed_suites", "error_suites"} <= document["statistics"].keys()
    assert {
        *("suite_name", "status", "exit_code", "start_time", "end_time", "duration", "timeout", "required")
    } <= checkout.suites["auth_flow"].keys()
    assert checkout.suites["auth_flow"]["exit_code"] == 1
    assert document["thresholds"] == {
        "min_pass_rate": 0.95,
        "max_error_rate": 0.05,
        "max_test_duration": 1800,
    }
    junit = ET.parse(checkout.reports / "integration_test_results.xml").getroot()  # noqa: S314 - the runner wrote it
    assert junit.attrib["name"] == "integration_tests"
    assert (junit.attrib["tests"], junit.attrib["failures"], junit.attrib["errors"]) == ("3", "1", "0")
    suites = {suite.attrib["name"]: suite.attrib["tests"] for suite in junit.iter("testsuite")}
    assert suites == {"auth_flow": "2", "call_flow": "1"}
    [failed] = junit.iterfind(".//testcase[failure]")
    [failure] = failed.iterfind("failure")
    assert failed.attrib["classname"] == "tests.integration.test_auth_flow"
    assert failure.attrib["message"] == "assert 1 == 2"


def test_rates_decide_and_not_single_failures(checkout: SmallCheckout) -> None:
    """A failure within the limits is reported, and the run passes."""
    checkout.write(auth_flow=FAILING + PASSING)
    settings = checkout.configure({"thresholds": {"min_pass_rate": 0.5}})

    code = checkout.run("--suites", "auth_flow", "--config", str(settings))

    assert code == 0, checkout.output
    assert checkout.suites["auth_flow"]["status"] == "failed"
    assert "1 of 2 tests passed, 1 did not" in checkout.output


def test_crashed_worker_is_reported(checkout: SmallCheckout) -> None:
    """The test that killed its worker is an error."""
    crash = "import os\ndef test_crash() -> None:\n    os.kill(os.getpid(), 9)\n"
    checkout.write(auth_flow=crash)

    code = checkout.run("--suites", "auth_flow", "--", "-n", "1", "--max-worker-restart", "0")

    assert code == 1
    assert checkout.tests["test_crash"]["kind"] == "crashed process"
    assert any("worker gw0 ended" in problem for problem in checkout.suites["auth_flow"]["problems"])


def test_pytest_that_does_not_go_on_after_a_crash_is_stopped(
    checkout: SmallCheckout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before the time-out of the suite, and the results so far are kept."""
    monkeypatch.setattr("suite_runner.suite_process.IDLE_SECONDS", 1.0)
    checkout.write(auth_flow=PASSING)
    (checkout.root / "conftest.py").write_text(
        "import json, time\n"
        "def pytest_sessionfinish(session):\n"
        "    with open(session.config.getoption('--runner-events'), 'a') as file:\n"
        "        file.write(json.dumps({'event': 'worker_lost', 'worker': 'gw0', 'error': 'killed'}) + '\\n')\n"
        "    time.sleep(100)\n"
    )

    code = checkout.run("--suites", "auth_flow")

    assert code == 1
    assert checkout.suites["auth_flow"]["problems"] == [
        "worker gw0 ended: killed",
        "the suite was stopped, because pytest did not go on after a worker crashed",
    ]
    assert checkout.suites["auth_flow"]["passed_tests"] == 1


def test_crash_of_pytest_is_reported(checkout: SmallCheckout) -> None:
    """Without workers pytest itself ends; the test that ran is an error, and those after it are named."""
    crash = (
        "import os\ndef test_crash() -> None:\n    os.kill(os.getpid(), 9)\ndef test_later() -> None: ...\n"
    )
    checkout.write(auth_flow=crash)

    code = checkout.run("--suites", "auth_flow")

    assert code == 1
    assert checkout.tests["test_crash"]["kind"] == "crashed process"
    problems = "\n".join(checkout.suites["auth_flow"]["problems"])
    assert "pytest was killed by SIGKILL" in problems
    assert (
        "tests that did not run to their end: 1\ntests/integration/test_auth_flow.py::test_later" in problems
    )


def test_suite_that_hangs_is_stopped(checkout: SmallCheckout) -> None:
    """A time-out names the running test; the other suite has its result."""
    checkout.write(
        auth_flow="import time\ndef test_hang() -> None:\n    time.sleep(100)\n", call_flow_a=PASSING
    )
    settings = checkout.configure({"test_suites": {"auth_flow": {"timeout": 5}}})

    code = checkout.run("--suites", "auth_flow", "call_flow", "--config", str(settings))

    assert code == 1
    assert checkout.suites["call_flow"]["status"] == "passed"
    assert "after its time-out of 5 s" in "\n".join(checkout.suites["auth_flow"]["problems"])
    assert checkout.suites["auth_flow"]["duration"] < 50


def test_file_that_cannot_be_imported_is_reported(checkout: SmallCheckout) -> None:
    """An error of collection fails the suite, and is in the reports."""
    checkout.write(auth_flow="import no_such_module\n")

    code = checkout.run("--suites", "auth_flow")

    assert code == 1
    [problem] = checkout.suites["auth_flow"]["problems"]
    assert problem.startswith("tests/integration/test_auth_flow.py cannot be collected:\n")
    assert "No module named 'no_such_module'" in problem
    assert "no_such_module" in (checkout.reports / "integration_test_results.xml").read_text()


def test_suite_whose_tests_were_all_skipped_is_an_error(checkout: SmallCheckout) -> None:
    """It proves nothing."""
    checkout.write(auth_flow="import pytest\n@pytest.mark.skip\ndef test_skipped() -> None: ...\n")

    code = checkout.run("--suites", "auth_flow")

    assert code == 1
    assert checkout.suites["auth_flow"]["problems"] == ["no test ran"]


def test_suite_whose_tests_a_deployment_cannot_run_is_no_error(
    checkout: SmallCheckout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that control the service are skipped for a deployment."""
    monkeypatch.setenv("ORCHESTRATOR_URL", "http://127.0.0.1:9")
    checkout.write(auth_flow="import pytest\n@pytest.mark.skip\ndef test_skipped() -> None: ...\n")

    code = checkout.run("--suites", "auth_flow")

    assert code == 0, checkout.output
    assert checkout.suites["auth_flow"]["notes"] == ["no test of this suite ran"]


def test_coverage_and_allure_results_are_written(checkout: SmallCheckout) -> None:
    """Coverage of each suite in a folder of its own; too little of it fails the suite although its tests passed."""
    checkout.write(auth_flow=PASSING + "def never_called() -> None:\n    raise ValueError\n")
    plugins = ("-p", "pytest_cov", "-p", "allure_pytest.plugin", "--cov=tests", "--cov-fail-under=100")

    code = checkout.run("--suites", "auth_flow", "--alluredir", str(checkout.root / "allure"), "--", *plugins)

    assert code == 1
    assert (checkout.reports / "coverage_auth_flow/index.html").exists()
    assert list((checkout.root / "allure").glob("*-result.json"))
    assert checkout.suites["auth_flow"]["passed_tests"] == 1
    assert "pytest ended with exit code 1" in checkout.suites["auth_flow"]["problems"][0]


def start_runner(checkout: SmallCheckout, setup: str = "") -> subprocess.Popen[str]:
    """Start the runner in a process of its own, and wait until a test has written the file `running`."""
    script = f"import sys; from pathlib import Path; from suite_runner import cli, suite_process; {setup}\nsys.exit(cli.main(Path({str(checkout.root)!r})))"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "--suites", "auth_flow", "call_flow"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    wait_until((checkout.root / "running").exists, "the test is running")
    return process


def test_interrupted_run_writes_what_it_has(checkout: SmallCheckout) -> None:
    """Ctrl-C: exit code 130, a partial report, and the tests clean up."""
    checkout.write(
        auth_flow="import time, pathlib\n"
        "def test_passes() -> None: ...\n"
        "def test_long() -> None:\n"
        "    try:\n"
        "        pathlib.Path('running').touch()\n"
        "        time.sleep(100)\n"
        "    finally:\n"
        "        pathlib.Path('cleaned').touch()\n"
    )
    process = start_runner(checkout)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 130, output
    assert (checkout.root / "cleaned").exists()
    assert checkout.results["overall_status"] == "interrupted"
    assert checkout.tests["test_passes"]["outcome"] == "passed"
    assert "Interrupted: 1 of 1 tests passed" in output


def test_second_interrupt_does_not_wait_for_the_tests(checkout: SmallCheckout) -> None:
    """A suite that does not stop after Ctrl-C is killed by the next one, and what it has is reported."""
    checkout.write(
        auth_flow="import pathlib, signal\n"
        "def test_passes() -> None: ...\n"
        "def test_long() -> None:\n"
        "    signal.signal(signal.SIGINT, lambda *_: pathlib.Path('interrupted').touch())\n"
        "    pathlib.Path('running').touch()\n"
        "    while True: signal.pause()\n"
    )
    process = start_runner(checkout, "suite_process.STOP_SECONDS = 3600")
    process.send_signal(signal.SIGINT)
    wait_until((checkout.root / "interrupted").exists, "the suite has been asked to stop")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 130, output
    assert checkout.tests["test_passes"]["outcome"] == "passed"
