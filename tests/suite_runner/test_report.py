"""What the reports contain, and what they must not contain."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from contract_usage.coverage import VendorCoverage
from fault_injection.catalogue import FAULTS
from fault_injection.results import FOLDER, Cell, Reaction, save_cells
from suite_runner.config import RunConfig, Thresholds
from suite_runner.gates import evaluate
from suite_runner.history import MAX_RUNS, append_run, flaky_tests, load_history, run_record
from suite_runner.redaction import redact
from suite_runner.reports.fault_matrix import write_fault_matrix
from suite_runner.reports.html_report import render
from suite_runner.reports.json_report import create_document
from suite_runner.reports.repeat import repeat_command
from suite_runner.results import CaseResult, Kind, Outcome, SuiteStatus
from suite_runner.summary import print_summary
from tests.suite_runner.runs import FULL_RUN, failed_case, passed_case, run_of, suite_of


def page_of() -> str:
    """Return the report of the full run after a passed one."""
    records = [
        run_record(run_of(suite_of("call_flow", passed_case("test_a"))), "passed"),
        run_record(FULL_RUN, "failed"),
    ]
    return render(
        FULL_RUN,
        evaluate(FULL_RUN, Thresholds()),
        records,
        fault_matrix="fault_matrix.html",
        has_figures=True,
    )


def test_page_starts_with_verdict_and_gates() -> None:
    """Then suites, failures, behaviours, tests, trend and coverage."""
    page = page_of()

    titles = re.findall(r'<h2 id="(\w+)"', page)
    assert titles == ["gates", "suites", "failures", "behaviours", "tests", "trend", "coverage", "figures"]
    assert page.index("Failed: 1 of 4 tests passed, 3 did not") < page.index('<h2 id="gates"')


def test_failure_has_its_evidence_and_command() -> None:
    """The request, the vendor traffic, the log lines, and the command that repeats that one test."""
    page = page_of()

    for title in (
        "requests to the orchestrator",
        "requests to vendors",
        "log lines of these correlation ids",
    ):
        assert page.count(f"<h3>{title}") == 3
    command = ".venv/bin/python -m pytest tests/integration/test_call_flow_e2e.py::TestCall::test_greeting"
    assert f'<pre class="repeat" tabindex="0">{command}</pre>' in page


def test_page_loads_nothing_and_escapes_texts() -> None:
    """It links to the heat map only, has no script, and shows a name with markup as text."""
    page = page_of()

    assert re.findall(r'(?:src|href)="(?!#|data:)([^"]*)"', page) == ["fault_matrix.html"]
    assert "<script" not in page
    assert "<b>&'x" not in page
    assert "&lt;b&gt;&amp;&#39;x::y&#39;]" in page


def test_coverage_is_that_of_all_suites_together() -> None:
    """An interaction that two suites exercise counts once."""
    document = create_document(FULL_RUN, [], RunConfig(test_suites={}))

    assert document["pact_coverage"] == {"apaleo": {"exercised": 3, "recorded": 4, "missing": ["d"]}}


COVERED = VendorCoverage(["a", "b"], ["a", "b"])
NOT_COVERED = VendorCoverage(["a", "b <i>"], ["a"], ["c"])


def coverage_gates(coverage: VendorCoverage, **fields: object) -> list[tuple[bool, str]]:
    """Return result and figures of the gate for the coverage of a run."""
    suite = suite_of("api", passed_case("test_a"), pact_coverage={"apaleo": coverage})
    gates = evaluate(run_of(suite, **fields), Thresholds())
    return [(gate.passed, gate.actual) for gate in gates if gate.name.startswith("interactions")]


def test_run_of_all_suites_exercises_all_interactions() -> None:
    """The gate names what is missing, and what the list of exceptions has in excess."""
    assert coverage_gates(COVERED) == [(True, "100.0%")]
    [(passed, actual)] = coverage_gates(NOT_COVERED)

    assert passed is False
    assert actual.startswith("50.0%, but apaleo: no suite exercises 'b <i>'; apaleo: 'c' is listed in ")
    assert "50.0% of all interactions are exercised" in actual


def test_gate_names_a_few_problems() -> None:
    """Each name may be a line long."""
    [(_, actual)] = coverage_gates(VendorCoverage([str(number) for number in range(9)], []))

    assert actual.count("no suite exercises") == 3
    assert actual.endswith("; and 7 more")


@pytest.mark.parametrize("fields", [{"partial": True}, {"interrupted": True}])
def test_part_of_the_suites_gives_no_verdict_on_coverage(fields: dict[str, object]) -> None:
    """It exercises a part of the interactions."""
    assert coverage_gates(NOT_COVERED, **fields) == []


def test_failed_suites_give_no_verdict_on_coverage() -> None:
    """A failed test may not have exercised what it would exercise."""
    gates = evaluate(FULL_RUN, Thresholds())

    assert [gate for gate in gates if gate.name.startswith("interactions")] == []


def test_report_and_summary_name_what_is_missing() -> None:
    """With the place of the rest, if all suites ran."""
    many = VendorCoverage([f"<{number}>" for number in range(9)], ["<8>"])
    run = run_of(suite_of("api", passed_case("test_a"), pact_coverage={"apaleo": many}))
    stream = io.StringIO()

    page = render(run, [], [], fault_matrix=None, has_figures=False)
    print_summary(Console(file=stream, width=400), run, [])

    rest = "and 3 more, see contract_usage/unexercised_interactions.toml"
    assert f"&#39;&lt;4&gt;&#39; {rest}</td>" in page
    assert (
        f"apaleo: 1 of 9 interactions exercised; not: '<0>', '<1>', '<2>', '<3>', '<4>' {rest}"
        in stream.getvalue()
    )


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def", "abc.def"),
        ("{'email': 'guest@hotel.example', 'a': 1}", "guest@hotel.example"),
        ('{"refresh_token": "r-123", "a": 1}', "r-123"),
        ("{'X-API-Key': 'key-1234'}", "key-1234"),
        ('{"client_secret": "s3cr\\"et"}', "s3cr"),
        ("grant_type=x&client_secret=s3cret", "s3cret"),
        ("password='hunter2'", "hunter2"),
        ("call +49 171 5550199", "5550199"),
        ('"from_number": "+4917100"', "4917100"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ],
)
def test_secrets_and_personal_data_are_redacted(text: str, secret: str) -> None:
    """In the middle of a failure as well; what else the line says stays."""
    result = redact(f"E   assert 1 == 2 {text}\nE   next line")

    assert secret not in result
    assert "[REDACTED]" in result
    assert result.startswith("E   assert 1 == 2 ")
    assert result.endswith("\nE   next line")


def test_redaction_keeps_what_repeats_a_failure() -> None:
    """Node ids, correlation ids, and commands with variables in place of secrets."""
    text = (
        "tests/integration/test_a.py::TestToken1234567::test_access_token_12345678\n"
        "correlation id 0b8c9d6e-7f1a-4a1b-9c3d-2e4f5a6b7c8d\n"
        """curl --header "Authorization: Bearer $TOKEN" --data-raw '{"password": "'"$PASSWORD"'"}'"""
    )

    lines = redact(text).splitlines()

    assert lines[:2] == text.splitlines()[:2]
    assert "$PASSWORD" in lines[2]


def test_redaction_bounds_texts_and_removes_control_characters() -> None:
    """XML has no control characters, and a log may have any number of lines."""
    result = redact("\x1b[31mred\x1b[0m \x00\ud800\n" + "line\n" * 1000)

    assert result.startswith("red \nline")
    assert "… 601 lines left out …" in result
    assert len(result.splitlines()) == 401


@pytest.mark.parametrize("width", [60, 80, 200])
def test_summary_is_complete_at_any_width(width: int) -> None:
    """No cell and no line is cut, and no line is wider than the screen."""
    stream = io.StringIO()
    gates = evaluate(FULL_RUN, Thresholds())

    print_summary(Console(file=stream, width=width), FULL_RUN, gates)

    output = stream.getvalue()
    assert "…" not in output
    assert max(len(line.rstrip()) for line in output.splitlines()) <= width
    words = " ".join(output.split())
    for suite in FULL_RUN.suites:
        assert suite.name in words
    assert words.endswith("required suites that ran to their end: 2 of 3, not: resilience; tests that passed, in all and in "
                          "each required suite: 25.0%, below the limit: call_flow 0.0%; critical tests that passed: 0 of 1; "
                          "tests that crashed, hung, or failed in set-up or clean-up: 50.0% (2 of 4).")  # fmt: skip


def test_gate_about_which_nothing_ran_is_not_shown_as_met() -> None:
    """An interrupted run may not have come to any test; its page has no empty table."""
    run = run_of(interrupted=True)
    gates = evaluate(run, Thresholds())
    stream = io.StringIO()

    page = render(run, gates, [], fault_matrix=None, has_figures=False)
    print_summary(Console(file=stream, width=400), run, gates)

    assert [(gate.passed, gate.decided) for gate in gates] == [
        (False, True),
        *[(True, False)] * 3,
        (True, True),
    ]
    assert [page.count(text) for text in ("✗ not met", "? not decided", "✓ met")] == [1, 3, 1]
    assert "? critical tests that passed: 0 of 0 (required: all)" in stream.getvalue()
    assert "Slowest in this run" not in page


def test_small_suite_is_not_hidden_by_a_large_one() -> None:
    """The rate of each required suite counts, not only that of all tests."""
    large = suite_of("call_flow", *(passed_case(f"test_{number}") for number in range(99)))

    gates = {
        required: evaluate(
            run_of(large, suite_of("auth_flow", failed_case("test_x"), required=required)), Thresholds()
        )
        for required in (True, False)
    }

    assert [[gate.passed for gate in results].count(False) for results in gates.values()] == [1, 0]


@pytest.mark.parametrize(
    ("rate", "passed"),
    [("0.05", [True]), ("0.051", [False]), ("5.00%", [True]), ("5.01%", [False]), ("soon", [])],
)
def test_error_rate_under_load_is_a_gate(rate: str, passed: list[bool]) -> None:
    """It is a figure of a load test, required or not."""
    case = passed_case("test_load", figures={"error_rate": rate})

    gates = evaluate(run_of(suite_of("performance", case, required=False)), Thresholds())

    assert [gate.passed for gate in gates if gate.name == "errors under load"] == passed


def test_run_that_takes_too_long_fails() -> None:
    """The limit is that of the whole run."""
    gates = evaluate(run_of(suite_of("auth_flow", passed_case("test_a"))), Thresholds(max_test_duration=89))

    assert [gate.name for gate in gates if not gate.passed] == ["duration of the run"]


@pytest.mark.parametrize("status", [SuiteStatus.NOT_RUN, SuiteStatus.ERROR])
def test_required_suite_must_run(status: SuiteStatus) -> None:
    """A suite that was not started, or did not end, fails the run."""
    problems = ("it hung",) if status is SuiteStatus.ERROR else ()
    run = run_of(
        suite_of("auth_flow", passed_case("test_a")), suite_of("api", status=status, problems=problems)
    )

    assert next(gate.passed for gate in evaluate(run, Thresholds())) is False


def test_history_is_bounded_and_survives_a_broken_line(tmp_path: Path) -> None:
    """The oldest runs go."""
    record = run_record(FULL_RUN, "failed")
    (tmp_path / "history.jsonl").write_text("{broken\n[]\n")
    for number in range(MAX_RUNS + 3):
        append_run(tmp_path, {**record, "commit": str(number)})

    commits = [item["commit"] for item in load_history(tmp_path)]

    assert commits == [str(number) for number in range(3, MAX_RUNS + 3)]


def test_flaky_test_failed_in_some_runs_only() -> None:
    """A selection of tests, and a suite that did not end, say nothing about a test."""
    good = run_of(suite_of("call_flow", passed_case("test_a")))
    bad = run_of(suite_of("call_flow", failed_case("test_b")))
    lost = run_of(suite_of("call_flow", status=SuiteStatus.ERROR, problems=("it hung",)))
    partial = run_of(suite_of("call_flow", passed_case("test_a")), selection=True)

    def flaky(*runs: object) -> list[tuple[str, int, int]]:
        tests = flaky_tests([run_record(run, "passed") for run in runs])  # type: ignore[arg-type] # runs
        return [(test.node_id.rpartition("::")[2], test.failures, test.runs) for test in tests]

    assert flaky(good, bad, lost, partial) == [("test_b", 1, 2)]
    assert flaky(bad, bad, lost, partial) == []


def test_command_selects_load_tests_and_quotes_parameters() -> None:
    """The project's own selection leaves load tests out, and parameters may contain anything."""
    case = CaseResult("a.py::test_x[it's]", Outcome.FAILED, Kind.ASSERTION, markers=("load",))

    assert repeat_command(case) == """.venv/bin/python -m pytest -m load 'a.py::test_x[it'"'"'s]'"""


def test_heat_map_is_written_if_there_are_results(tmp_path: Path) -> None:
    """It is a page beside the report; without results there is no link to it."""
    assert write_fault_matrix(tmp_path, tmp_path) is None
    cell: Cell = {
        "matrix": "flow",
        "section": "apaleo",
        "row": "a stay",
        "request": "GET /stay",
        "fault": FAULTS[0].name,
        "reaction": Reaction.UNAFFECTED,
        "problems": [],
        "facts": {},
        "log": [],
    }
    save_cells("flow", "apaleo", [cell], tmp_path / FOLDER)

    name = write_fault_matrix(tmp_path, tmp_path)

    assert name == "fault_matrix.html"
    assert "a stay" in (tmp_path / name).read_text()
