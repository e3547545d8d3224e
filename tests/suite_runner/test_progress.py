"""What is shown while suites run: a display on a terminal, lines in CI and in a pipe."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from suite_runner.collector import Collector
from suite_runner.config import SuiteConfig
from suite_runner.progress import SILENCE_SECONDS, LiveProgress, PlainProgress, create_progress
from suite_runner.suite_process import SuiteJob
from tests.suite_runner.conftest import FAILING, PASSING, SmallCheckout
from tests.suite_runner.runs import failed_case, passed_case, suite_of

JOB = SuiteJob("call_flow", SuiteConfig(module=("a.py",)), ["a.py"])


def collected(total: int, done: int) -> Collector:
    """Return the state of a suite of which some tests have ended."""
    tests = [f"test_{number}" for number in range(total)]
    return Collector(collected=tests, finished=set(tests[:done]))


def test_lines_are_written_at_quarters_and_after_a_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite of a thousand tests writes a few lines, and one that hangs says which test runs."""
    now = 1000.0
    monkeypatch.setattr("suite_runner.progress.time.monotonic", lambda: now)
    stream = io.StringIO()
    progress = PlainProgress(Console(file=stream, width=80))

    progress.started(JOB)
    for done in range(0, 1001, 50):
        progress.advanced(JOB, collected(1000, done))
    state = collected(1000, 1000)
    state.running = {"test_late": 900.0, "test_early": 800.0}
    now += SILENCE_SECONDS + 1
    progress.advanced(JOB, state)
    progress.advanced(JOB, state)

    assert stream.getvalue().splitlines() == [
        "call_flow: started, time-out 300 s",
        "call_flow: 250 of 1000 tests",
        "call_flow: 500 of 1000 tests",
        "call_flow: 750 of 1000 tests",
        "call_flow: 1000 of 1000 tests; running longest: test_early",
    ]


def test_live_display_keeps_failures_and_results() -> None:
    """The bar goes away with the suite; what is worth reading stays."""
    stream = io.StringIO()

    with LiveProgress(Console(file=stream, width=80, force_terminal=True, color_system=None)) as progress:
        progress.started(JOB)
        progress.advanced(JOB, collected(2, 1))
        progress.failed(JOB, failed_case("test_greeting"))
        progress.ended(suite_of("call_flow", passed_case("test_a")))

    output = stream.getvalue()
    assert "TestCall::test_greeting: assert response" in output
    assert "call_flow: passed: 1 passed, 60.0 s" in output


@pytest.mark.parametrize(
    ("is_terminal", "ci", "kind"),
    [(True, "", LiveProgress), (True, "true", PlainProgress), (False, "", PlainProgress)],
)
def test_display_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, ci: str, kind: type  # noqa: FBT001 - of the table
) -> None:  # fmt: skip
    """CI services show a terminal's control characters as text."""
    monkeypatch.setenv("CI", ci)

    assert type(create_progress(Console(file=io.StringIO(), force_terminal=is_terminal))) is kind


@pytest.mark.timeout(300)
def test_nothing_is_cut_in_a_pipe(checkout: SmallCheckout, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns the name of a failed test stays in one piece, and the table is complete."""
    monkeypatch.setenv("COLUMNS", "80")
    name = "test_" + "long_" * 30
    checkout.write(auth_flow=PASSING + FAILING.replace("test_fails", name))

    code = checkout.run("--suites", "auth_flow")

    assert code == 1
    assert "\x1b" not in checkout.output
    assert "…" not in checkout.output
    assert (
        f"auth_flow: FAILED ASSERTION: tests/integration/test_auth_flow.py::{name}: assert 1 == 2\n"
        in checkout.output
    )
    table = checkout.output.partition("\nSuite")[2]
    assert max(map(len, table.splitlines()[:7])) <= 80
    assert "auth_flow  ✗ failed       1       1       0        0" in table
