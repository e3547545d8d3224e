"""The soak from its command line: a short one passes, and a violated invariant fails it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from soak import __main__ as program
from soak.calls import CallGenerator
from soak.observe import find_personal_data
from soak.run import Result
from tests.thoroughness import choose

SEED = 7


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_short_soak_passes(tmp_path: Path) -> None:
    """Seconds of faults after one kill of each server; the report has the seed and the figures."""
    options = ["--minutes", choose(normal="0.05", thorough="0.1"), "--seed", str(SEED), "--kill-rounds", "2"]
    app = typer.Typer()
    app.command()(program.main)

    run = CliRunner().invoke(app, [*options, "--memory-calls", "0", "--folder", str(tmp_path)])

    report = json.loads((tmp_path / str(SEED) / "report.json").read_text())
    assert (run.exit_code, report["passed"], report["violations"]) == (0, True, []), run.output
    assert report["options"]["seed"] == SEED
    assert report["figures"]["kill_rounds"]["rounds"] == 2
    assert report["figures"]["calls_acknowledged"] == report["figures"]["calls"] > 0


def test_soak_is_a_module_that_is_run() -> None:
    """A wrong option ends it before anything is started."""
    command = [sys.executable, "-m", "soak", "--minutes", "-1"]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert "--minutes" in run.stderr


def test_violated_invariant_fails_the_soak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 1; the summary has the violation and the command that repeats the soak."""

    async def run_soak(*_arguments: object) -> Result:
        return Result(violations=["c-1: 2 records"], figures={"calls": 3})

    monkeypatch.setattr(program, "run_soak", run_soak)
    app = typer.Typer()
    app.command()(program.main)

    run = CliRunner().invoke(app, ["--minutes", "2", "--seed", "9", "--folder", str(tmp_path)])

    assert run.exit_code == 1
    assert "Soak failed: 1 violations (seed 9)" in run.output
    assert "c-1: 2 records" in run.output
    repeat = "python -m soak --minutes 2 --seed 9 --kill-rounds 100 --memory-calls 10000"
    assert repeat in (tmp_path / "9/summary.txt").read_text()
    assert json.loads((tmp_path / "9/report.json").read_text())["passed"] is False


@pytest.mark.parametrize("interrupts", [True, False])
def test_interrupted_soak_has_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, interrupts: bool
) -> None:
    """Ctrl-C also ends a server that is starting; its error is not reported then, but is without Ctrl-C."""

    async def run_soak(*_arguments: object) -> Result:
        if interrupts:
            signal.raise_signal(signal.SIGINT)
        raise RuntimeError("the server ended")

    monkeypatch.setattr(program, "run_soak", run_soak)
    app = typer.Typer()
    app.command()(program.main)
    # a job in the background of a shell ignores the signal
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run = CliRunner().invoke(app, ["--seed", "9", "--folder", str(tmp_path)])
    finally:
        signal.signal(signal.SIGINT, previous)

    if interrupts:
        assert (run.exit_code, run.stderr) == (130, "interrupted: no report\n")
    else:
        assert (run.exit_code, str(run.exception)) == (1, "the server ended")


def test_same_seed_gives_the_same_calls() -> None:
    """Two generators of one seed create equal events, and another seed does not."""
    calls = [
        [CallGenerator(seed, lambda *_: None).next_call() for _ in range(20)] for seed in (SEED, SEED, 8)
    ]

    assert calls[0] == calls[1] != calls[2]


def test_personal_data_in_the_log_is_found(tmp_path: Path) -> None:
    """Names, numbers and cards of the soak's guests, and nothing else."""
    guests: list[str] = []
    generator = CallGenerator(SEED, lambda _, last_name: guests.append(last_name))
    while not guests:
        generator.next_call()
    log = tmp_path / "log"
    log.write_text(f"fine\nguest {guests[0]}\ncaller {generator.phones[0]}\ncard 4111 1111 1111 1111\nfine\n")

    assert len(find_personal_data(log, generator.personal_data)) == 3


@pytest.mark.parametrize("minutes", ["inf", "nan", "10081"])
def test_minutes_without_an_end_are_rejected(minutes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most a week; nothing is started."""
    monkeypatch.setattr(program, "run_soak", None)
    application = typer.Typer()
    application.command()(program.main)

    assert CliRunner().invoke(application, ["--minutes", minutes]).exit_code == 2
