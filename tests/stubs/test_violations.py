"""What a stub has against its callers: told apart, counted once, shown to people and to `make violations`."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.server import run_stubs

REPOSITORY = Path(__file__).parents[2]
KEY = {"xi-api-key": "stub-tts-key"}
DEADLINE = 20.0


@pytest.fixture
def tts() -> Iterator[httpx.Client]:
    """A client of the TTS vendor's stub that knows the key."""
    with run_stubs(["tts"]) as urls, httpx.Client(base_url=urls["tts"], headers=KEY) as client:
        yield client


def noted(tts: httpx.Client) -> list[dict[str, Any]]:
    """The violations, as JSON."""
    found: list[dict[str, Any]] = tts.get("/_stub/violations").json()
    return found


def test_a_described_request_is_no_violation(tts: httpx.Client) -> None:
    """What a pact has, the stub has nothing against."""
    tts.get("/v2/voices", params={"page_size": "100"}).raise_for_status()

    assert noted(tts) == []


def test_a_request_that_no_pact_has_is_told_apart(tts: httpx.Client) -> None:
    """The vendor takes it, and nothing verifies it."""
    tts.get("/v2/voices", params={"search": "concierge"}).raise_for_status()

    assert [(one["kind"], one["operation"], one["requires"]) for one in noted(tts)] == [
        ("not_in_pacts", "listVoices", "an interaction of listVoices with search")
    ]


def test_the_same_mistake_is_counted_not_repeated(tts: httpx.Client) -> None:
    """Three times the same, one violation."""
    for _ in range(3):
        tts.post("/v1/text-to-speech/concierge", json={})

    assert [(one["kind"], one["where"], one["rule"], one["count"]) for one in noted(tts)] == [
        ("rejected", "body.text", "required", 3)
    ]


def test_a_browser_gets_a_page(tts: httpx.Client) -> None:
    """With what was sent, as text and not as markup."""
    tts.post("/v1/text-to-speech/concierge", json={"txt": "<script>alert(1)</script>"})

    page = tts.get("/_stub/violations", headers={"Accept": "text/html"})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Rejected by the vendor" in page.text
    assert "body.text" in page.text
    assert "<script>alert" not in page.text


def run(module: str, folder: Path) -> subprocess.Popen[bytes]:
    """Run a program of ours in a folder; its output is not buffered here, so that `select` sees every line."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[dict[str, str]]:
    """All stubs as `make stubs` runs them, and the variables it prints."""
    process = run("provider_verification.stubs", tmp_path)
    try:
        yield dict(line.removeprefix("export ").strip().split("=", 1) for line in exports(process))
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE)


def exports(process: subprocess.Popen[bytes]) -> list[str]:
    """The lines that set variables; the first that does not is the last one printed."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1].startswith("export "):
        assert select.select([process.stdout], [], [], DEADLINE)[0], "the stubs did not start"
        lines.append(process.stdout.readline().decode())
    return lines[:-1]


def ask(folder: Path) -> tuple[int, str]:
    """Run the command: its exit code and all it says."""
    process = run("provider_verification.stubs.control.violations_cli", folder)
    output, errors = process.communicate(timeout=DEADLINE)
    return process.returncode, (output + errors).decode()


def test_the_command_says_no_to_a_caller_s_mistake(addresses: dict[str, str], tmp_path: Path) -> None:
    """Nothing yet: 0. After a mistake: 1, with operation, place, rule and where it is documented."""
    before = ask(tmp_path)
    httpx.post(f"{addresses['TTS_SERVICE_URL']}/v1/text-to-speech/x", headers=KEY, json={})
    code, text = ask(tmp_path)

    assert before[0] == 0
    assert code == 1
    assert "✗ tts: 1 violation\n" in text
    assert "rejected by the vendor: convert: body.text violates 'required'" in text
    assert "openapi.json#/paths/~1v1~1text-to-speech~1%7Bvoice_id%7D/post/requestBody" in text


def test_the_command_without_stubs_says_how_to_start_them(tmp_path: Path) -> None:
    """Exit code 2, and the command."""
    code, text = ask(tmp_path)

    assert code == 2
    assert "make stubs" in text
