"""`make stubs` as a process: TLS, a recording, and violations as they happen, until it is stopped."""

from __future__ import annotations

import json
import os
import select
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import typer.testing

from provider_verification.stubs import violation_printer
from provider_verification.stubs.control import violations_cli
from provider_verification.stubs.engine.journal import Violation
from provider_verification.stubs.violation_printer import violation_line
from tests.external_tools import require_program

REPOSITORY = Path(__file__).parents[2]
DEADLINE = 30.0
KEY = {"xi-api-key": "stub-tts-key"}


class Stubs(NamedTuple):
    """A running command, and the variables that it printed."""

    process: subprocess.Popen[bytes]
    variables: dict[str, str]

    def next_line(self) -> str:
        """Return the next line of output."""
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], DEADLINE)[0], "no output before the deadline"
        return self.process.stdout.readline().decode().rstrip("\n")


@pytest.fixture
def stubs(tmp_path: Path) -> Iterator[Stubs]:
    """The TTS stub with TLS and a recording, in a folder of its own."""
    require_program("openssl", "openssl")
    process = subprocess.Popen(
        [sys.executable, "-m", "provider_verification.stubs", "tts", "--tls", "--record", "traffic.har"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])},
        stdout=subprocess.PIPE,
        bufsize=0,
    )  # fmt: skip
    stubs = Stubs(process, {})
    try:
        while (line := stubs.next_line()).startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            stubs.variables[name] = value.strip("'")
        # of the comments that follow, the last one
        while "recording to traffic.har" not in line:
            line = stubs.next_line()
        yield stubs
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE)


def test_stubs_serve_tls_print_violations_and_complete_the_recording(
    stubs: Stubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that trusts the printed authority is served; after SIGTERM the archive is complete and the rest is gone."""
    url = stubs.variables["TTS_SERVICE_URL"]
    authority = ssl.create_default_context(cafile=stubs.variables["SSL_CERT_FILE"])

    assert url.startswith("https://127.0.0.1:")
    with httpx.Client(base_url=url, verify=authority, headers=KEY) as http:
        assert len(http.get("/v1/history").json()["history"]) == 4
        http.post("/v1/text-to-speech/porter", json={"txt": "\n" * 500})
        http.post("/v1/text-to-speech/porter", json={"txt": "again"})
    lines = [stubs.next_line() for _ in range(3)]
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(violations_cli.main)
    command = typer.testing.CliRunner().invoke(app)
    stubs.process.send_signal(signal.SIGTERM)
    code = stubs.process.wait(DEADLINE)

    [ignored, *rejected] = lines
    assert ignored.startswith(
        "tts: not in any pact: listHistory: request: no pact has an interaction of listHistory"
    )
    assert [line.partition(": body")[0] for line in rejected] == [
        "tts: rejected by the vendor: convert",
        "tts: rejected by the vendor: convert",
    ]
    assert (command.exit_code, command.stdout.splitlines()[0]) == (1, "✗ tts: 1 violation, 1 note")
    assert code == 0
    entries = json.loads((tmp_path / "traffic.har").read_text(encoding="utf-8"))["log"]["entries"]
    assert [entry["request"]["url"].removeprefix(url) for entry in entries] == [
        "/v1/history",
        "/v1/text-to-speech/porter",
        "/v1/text-to-speech/porter",
    ]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["build", "traffic.har"]


def test_line_of_a_violation_is_bounded_and_printable() -> None:
    """A client cannot write control characters to the terminal, or a line without end."""
    violation = Violation(
        "rejected", "", "GET /\x1b[2J\n", "unknown_route", "request", "x" * 500, "s" * 200, "", None, 1
    )

    line = violation_line("tts", violation.kind, violation.to_json())

    assert len(line) == 300
    assert line.startswith("tts: rejected by the vendor: GET /?[2J?: request violates 'unknown_route'")


@pytest.mark.parametrize(
    ("kind", "printed"),
    [("rejected", [*range(1, 11), 100, 1000]), ("unknown_parameter", [*range(1, 11), 100, 1000]), ("not_in_pacts", [1])],
)  # fmt: skip
def test_repeated_violation_is_printed_less_and_less(
    monkeypatch: pytest.MonkeyPatch, kind: str, printed: list[int]
) -> None:
    """Each of the first ten, then at 100 and 1,000; what is no error of the client, once."""
    lines: list[int] = []
    monkeypatch.setattr(violation_printer.ViolationPrinter, "_put", lambda _, line: lines.append(len(line)))
    print_violation = violation_printer.ViolationPrinter().printer_of("tts")
    counts: list[int] = []

    for count in range(1, 1_500):
        print_violation(Violation(kind, "", "convert", "type", "body", "x", "", "", None, count))
        if len(lines) > len(counts):
            counts.append(count)

    assert counts == printed


def test_printing_never_waits_for_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that does not read loses lines: the stub is not stopped by it."""
    monkeypatch.setattr(violation_printer.ViolationPrinter, "_print_lines", lambda _: None)
    print_violation = violation_printer.ViolationPrinter().printer_of("tts")

    for number in range(violation_printer.MAX_WAITING_LINES + 1):
        print_violation(
            Violation("rejected", "", f"operation {number}", "type", "body", "x", "", "", None, 1)
        )
