"""build/verdict.json and the log of unexpected errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from gate.cli import CommandRun, _fail
from gate.outcome import write_error_log, write_outcome


@pytest.mark.parametrize(
    ("verdict", "exit_code", "deployable"), [("yes", 0, True), ("no", 1, False), ("no verdict", 2, False)]
)
def test_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str, exit_code: int, *, deployable: bool
) -> None:
    """Only a yes is deployable; the exit code is that of the command. No draft is left."""
    monkeypatch.chdir(tmp_path)

    write_outcome(verdict=verdict, version="abc")

    assert [file.name for file in (tmp_path / "build").iterdir()] == ["verdict.json"]
    assert (tmp_path / "build/verdict.json").read_text() == (
        "{\n"
        f'  "verdict": "{verdict}",\n'
        f'  "exit_code": {exit_code},\n'
        f'  "deployable": {json.dumps(deployable)},\n'
        '  "rows": [],\n'
        '  "version": "abc"\n'
        "}\n"
    )


def test_outcome_replaces_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of the vendors take the place of none."""
    monkeypatch.chdir(tmp_path)
    write_outcome(verdict="yes")

    write_outcome(verdict="no", rows=[{"provider": "tts"}])

    document = json.loads((tmp_path / "build/verdict.json").read_text())
    assert (document["verdict"], document["rows"]) == ("no", [{"provider": "tts"}])


def test_error_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written where no run has created the folder, and over the one before."""
    monkeypatch.chdir(tmp_path)

    for text in ("first ü", "second ü"):
        write_error_log(text)

    assert (tmp_path / "build/gate-error.log").read_text(encoding="utf-8") == "second ü"


@pytest.mark.parametrize(
    ("reason", "last_line"),
    [
        ("3 tests of the suites failed:\n  a test\n  Report: [x]", "3 tests of the suites failed."),
        ("no test ran of test_pms", "no test ran of test_pms."),
    ],
)
def test_last_line_of_a_no_says_what_failed(
    capsys: pytest.CaptureFixture[str], reason: str, last_line: str
) -> None:
    """It is what a log shows at its end; the details stand before it."""
    with pytest.raises(typer.Exit):
        _fail(CommandRun(gives_verdict=False), "no", reason, "fix it")

    *_, last = capsys.readouterr().out.splitlines()
    assert last == f"No: this version must not be deployed to production: {last_line}"
