"""The command line: its exit codes, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

import contract_strength.__main__ as program
from contract_strength.decision_tests import DECISIONS
from contract_strength.mutant import Mutant, Result
from contract_strength.results_file import Strength, write_json
from contract_strength.run import Task, TaskResult, decision_tasks, run_tasks, vendor_tasks
from contract_strength.survivors import review
from contract_strength.table import result_table

CAUGHT = Result(Mutant("response", "tts", "the voices", "null", "$.a", "1", "null"), "$.a differs")
SURVIVED = Result(Mutant("response", "tts", "the voices", "null", "$.b", "1", "null"), None)
RIGHTLY_NOT = Result(
    Mutant("response", "tts", "the voices", "null", "$.c", "1", "null", is_demanded=False), None
)


@pytest.mark.parametrize(
    ("results", "exit_code"),
    [([CAUGHT, RIGHTLY_NOT], 0), ([CAUGHT, SURVIVED], 1)],
    ids=["all caught", "survivor"],
)
def test_exit_code_and_report(
    results: list[Result], exit_code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seed is in the first line, and each survivor has one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(program, "_tasks", lambda *_: [])
    monkeypatch.setattr(program, "run_tasks", lambda *_: results)
    monkeypatch.setattr(program, "load_rules", list)

    app = typer.Typer()
    app.command()(program.main)
    result = CliRunner().invoke(app, ["--seed", "7"])

    assert result.exit_code == exit_code
    assert result.output.startswith("Contract strength with seed 7\n")
    assert ("response of tts, 'the voices', $.b, null: 1 → null survives" in result.output) is bool(exit_code)
    document = json.loads((tmp_path / "build/strength/strength.json").read_text())
    assert (document["seed"], document["exit_code"]) == (7, exit_code)
    assert (tmp_path / "build/strength/index.html").exists()


@pytest.mark.parametrize("arguments", [["--vendor", "nobody"], ["--side", "nothing"]])
def test_unknown_vendor_or_side_gives_no_verdict(arguments: list[str]) -> None:
    """Those that there are are named."""
    app = typer.Typer()
    app.command()(program.main)

    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert "there are" in result.output


def test_fates_in_json_and_table(tmp_path: Path) -> None:
    """A mutant is caught, rightly not caught, or a survivor."""
    results = [CAUGHT, SURVIVED, RIGHTLY_NOT]
    strength = Strength(7, 2.0, results, review(results, []))
    console = Console(width=100)
    with console.capture() as capture:
        console.print(result_table(strength))

    fates = [item["fate"] for item in json.loads(write_json(strength, tmp_path).read_text())["mutants"]]
    assert fates == ["caught", "survived", "tolerated"]
    assert "1/2 ✗1 ~1" in capture.get()
    assert strength.summary().startswith("3 mutants in 2 s (2/s), seed 7: 1 caught, 1 rightly not caught")


def _judge() -> TaskResult:
    return TaskResult([CAUGHT])


def _prepare() -> TaskResult:
    return TaskResult([RIGHTLY_NOT], [Task(_judge, 1)])


def test_tasks_that_are_found_are_run_too() -> None:
    """In processes of their own; the results are sorted, and the progress ends with all of them."""
    progress: list[tuple[int, int]] = []

    results = run_tasks([Task(_prepare)], 1, lambda done, total: progress.append((done, total)))

    assert results == [CAUGHT, RIGHTLY_NOT]
    assert progress == [(1, 2), (2, 2)]


def test_each_side_has_its_tasks() -> None:
    """A vendor is prepared in one process for what is exchanged, and in one for its client."""
    assert len(list(vendor_tasks("mews", {}, 1, ["response", "request"]))) == 1
    assert len(list(vendor_tasks("mews", {}, 1, ["client"]))) == 1
    assert list(vendor_tasks("mews", {}, 1, ["decision"])) == []


def test_every_decision_has_a_task_and_tests() -> None:
    """The modules that decide, by what their tests are."""
    assert len(list(decision_tasks())) == len(DECISIONS)
    assert all((Path(__file__).parents[2] / test).exists() for tests in DECISIONS.values() for test in tests)
