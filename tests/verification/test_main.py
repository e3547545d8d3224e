"""Exit code, report and output of `python -m provider_verification`."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from provider_verification import __main__ as command
from provider_verification.verification_result import InteractionFailure, Mismatch, VerificationResult

FAILURE = InteractionFailure(
    "c", "a room", "GET /rooms, listRooms", (Mismatch("body", "$.id", "is missing"),)
)


def run(report: Path, broker: str = "http://127.0.0.1:9") -> tuple[int, str, dict[str, Any]]:
    """Run the command for the TTS vendor: exit code, output and report."""
    app = typer.Typer()
    app.command()(command.main)
    options = {
        "--broker": broker,
        "--consumer": "c",
        "--consumer-version": "1",
        "--branch": "main",
        "--report": str(report),
    }
    arguments = ["tts", *(part for option in options.items() for part in option)]
    result = CliRunner().invoke(app, arguments)
    content: dict[str, Any] = json.loads(report.read_text())
    return result.exit_code, result.output, content


@pytest.mark.parametrize(
    ("result", "exit_code", "outcome", "last_line"),
    [
        (VerificationResult("tts", 2, 2), 0, "verified", "tts: all 2 interactions verified"),
        (VerificationResult("tts", 2, 2, (FAILURE,)), 1, "failed", "tts: 1 of 2 interactions failed"),
        (
            VerificationResult("tts", 0, 0),
            1,
            "incomplete",
            "tts: the pacts contain no interaction to verify",
        ),
        (
            VerificationResult("tts", 2, 2, errors=("the stub died",)),
            2,
            "error",
            "tts: the verification did not finish: the stub died",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_outcome_decides_exit_code_and_report(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    result: VerificationResult,
    exit_code: int,
    outcome: str,
    last_line: str,
) -> None:
    """Only `verified` is exit code 0; a verification that did not finish has a code of its own."""
    monkeypatch.setattr(command, "_verify", lambda *_: result)

    code, output, report = run(tmp_path / "report.json")

    assert (code, output.strip().splitlines()[-1]) == (exit_code, last_line)
    assert (report["outcome"], report["summary"]) == (outcome, last_line)


def test_failed_interaction_is_in_output_and_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both name the interaction, its operation and the field."""
    monkeypatch.setattr(command, "_verify", lambda *_: VerificationResult("tts", 1, 1, (FAILURE,)))

    _, output, report = run(tmp_path / "report.json")

    assert output.splitlines()[0] == "'a room' [GET /rooms, listRooms]: $.id: is missing"
    assert report["consumer_version"] == "1"
    [failure] = report["failures"]
    assert (failure["description"], failure["operation"]) == ("a room", "GET /rooms, listRooms")
    assert failure["mismatches"][0]["field"] == "$.id"


def test_unreachable_broker_is_an_error(tmp_path: Path) -> None:
    """Nothing was verified, and the report says so."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

        code, output, report = run(tmp_path / "report.json", url)

    assert (code, report["outcome"]) == (2, "error")
    assert f"the verification did not finish: the broker at {url}" in output
