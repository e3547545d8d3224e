"""The command line: exit codes, messages, and what it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitoring.__main__ import run_command as run_app
from monitoring.summary import render_summary
from tests.alert_receiver import alert_receiver
from tests.monitoring.runs import create_run, write_run

REPOSITORY = Path(__file__).parents[2]
SUITES = {
    "call_flow": {"TestA::test_b[1]": "failed", "TestA::test_c": "passed", "TestA::test_d": "skipped"},
    "auth_flow": {"TestE::test_f": "passed"},
}
GATES = [{"name": "tests that passed", "passed": False, "actual": "50 %", "required": "at least 95 %"}]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


RunCommand = Callable[..., Ended]


@pytest.fixture(name="run_command")
def run_command_fixture(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """Return a function that runs the command line in this process, which is faster than a process of its own.

    It has no variables of receivers, except those given.
    """
    for name in [name for name in os.environ if name.startswith(("PAGERDUTY_", "SLACK_", "ALERT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(REPOSITORY)

    def run(*arguments: str, **variables: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["monitoring", *arguments])
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as raised:
            run_app()
        return Ended(int(raised.value.code or 0), *capsys.readouterr())

    return run


def test_export_writes_the_text_file(tmp_path: Path) -> None:
    """Exit code 0, also for a failed run."""
    results = write_run(tmp_path, SUITES)

    command = [sys.executable, "-m", "monitoring", "export", "--results", str(results)]
    run = subprocess.run(
        [*command, "--textfile", str(tmp_path / "run.prom")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert "voicehive_test_run_success 0.0" in (tmp_path / "run.prom").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["export"], 2, "name a --textfile, a --pushgateway, or both"),
        (["export", "--textfile", "absent/x.prom"], 1, "cannot write absent/x.prom"),
        (["export", "--textfile", "x", "--results", "absent.json"], 2, "cannot read absent.json"),
        (["summary", "--results", "README.md"], 2, "README.md is not the runner's: document: Invalid JSON"),
    ],
    ids=["no-target", "unwritable", "no-results", "no-json"],
)
def test_errors_are_named(
    tmp_path: Path, run_command: RunCommand, arguments: list[str], code: int, message: str
) -> None:
    """2: the input is at fault; 1: the receiver is. Never a traceback."""
    results = write_run(tmp_path, SUITES)
    given = [] if "--results" in arguments or arguments == ["export"] else ["--results", str(results)]

    run = run_command(*arguments, *given)

    assert run.returncode == code
    assert message in " ".join(run.stderr.replace("│", " ").split())
    assert run.stdout == ""


def test_nothing_is_sent_without_a_receiver(tmp_path: Path, run_command: RunCommand) -> None:
    """No results are needed. A secret that a CI job does not have is an empty variable."""
    state = tmp_path / "state.json"
    empty = {"PAGERDUTY_ROUTING_KEY": "", "SLACK_WEBHOOK_URL": "", "PAGERDUTY_EVENTS_URL": ""}

    run = run_command("notify", "--results", str(tmp_path / "absent"), "--state", str(state), **empty)

    assert (run.returncode, state.exists()) == (0, False)
    assert run.stdout == "Nothing sent: neither PAGERDUTY_ROUTING_KEY nor SLACK_WEBHOOK_URL is set.\n"


def test_invalid_variable_is_named_without_its_value(run_command: RunCommand) -> None:
    """The address of Slack's webhook is a secret."""
    run = run_command("notify", SLACK_WEBHOOK_URL="not-an-address-but-a-secret")

    assert run.returncode == 2
    assert "these variables are invalid: SLACK_WEBHOOK_URL" in " ".join(run.stderr.replace("│", " ").split())
    assert "secret" not in run.stdout + run.stderr


def test_notifications_end_with_0_when_all_are_delivered(tmp_path: Path, run_command: RunCommand) -> None:
    """With a line per channel."""
    results, state = write_run(tmp_path, SUITES), tmp_path / "state.json"

    with alert_receiver() as receiver:
        run = run_command("notify", "--results", str(results), "--state", str(state), **receiver.settings)

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        f"{channel}: 1 reported, 0 resolved, 0 unchanged, 0 withheld, 0 undelivered, 0 rejected"
        for channel in ("pagerduty", "slack")
    ]
    assert receiver.actions("test:call_flow:TestA.test_b") == ["trigger"]


def test_rejected_notification_ends_with_1(tmp_path: Path, run_command: RunCommand) -> None:
    """The next step of the job can tell."""
    results, state = write_run(tmp_path, SUITES), tmp_path / "state.json"

    with alert_receiver() as receiver:
        receiver.rejections["test:call_flow:TestA.test_b"] = [400]
        run = run_command("notify", "--results", str(results), "--state", str(state), **receiver.settings)

    assert run.returncode == 1
    assert "pagerduty: 0 reported" in run.stdout


def test_summary_names_gates_suites_and_failed_tests(tmp_path: Path) -> None:
    """As Markdown, without parameters of tests."""
    text = render_summary(create_run(tmp_path, SUITES, gates=GATES, partial=True))

    assert text == (
        "## ❌ Test run failed\n\n"
        "2 suites in 300 s.\n"
        "The run is partial: it did not run all tests of its suites.\n\n"
        "| quality gate | passed | actual | required |\n|---|---|---|---|\n"
        "| tests that passed | ❌ | 50 % | at least 95 % |\n\n"
        "| suite | status | passed | failed | error | skipped | seconds |\n|---|---|--:|--:|--:|--:|--:|\n"
        "| call_flow | ❌ failed | 1 | 1 | 0 | 1 | 60.5 |\n"
        "| auth_flow | ✅ passed | 1 | 0 | 0 | 0 | 60.5 |\n\n"
        "### Failed tests\n\n- call_flow: `TestA.test_b`\n"
    )


def test_summary_of_many_failures_is_bounded(tmp_path: Path) -> None:
    """GitHub limits the size of a summary."""
    cases = {f"TestA::test_{number}": "failed" for number in range(60)}

    text = render_summary(create_run(tmp_path, {"call_flow": cases}))

    assert text.count("- call_flow: ") == 50
    assert text.endswith("- and 10 more, see the report\n")
