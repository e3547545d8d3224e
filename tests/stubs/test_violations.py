"""Violations: their kinds and counts, the HTML page, and `make violations`."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from provider_verification.stubs.control import violations_cli
from provider_verification.stubs.control.violation_report import render_line
from provider_verification.stubs.engine.registry import vendor_names
from provider_verification.stubs.engine.server import run_stubs

REPOSITORY = Path(__file__).parents[2]
KEY = {"xi-api-key": "stub-tts-key"}
DEADLINE = 120.0


@pytest.fixture(scope="module")
def tts_url() -> Iterator[str]:
    """The base URL of a running stub."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.fixture
def tts(tts_url: str) -> Iterator[httpx.Client]:
    """A client of the TTS vendor's stub in its initial state that sends a valid API key."""
    with httpx.Client(base_url=tts_url, headers=KEY) as client:
        client.post("/_stub/reset").raise_for_status()
        yield client


def get_violations(tts: httpx.Client) -> list[dict[str, Any]]:
    """Return the violations as JSON."""
    violations: list[dict[str, Any]] = tts.get("/_stub/violations").json()
    return violations


def test_request_in_a_pact_is_no_violation(tts: httpx.Client) -> None:
    """A valid request that a pact contains is not recorded as a violation."""
    tts.get("/v2/voices", params={"page_size": "100"}).raise_for_status()

    assert get_violations(tts) == []


def test_accepted_request_that_no_pact_contains_is_recorded(tts: httpx.Client) -> None:
    """The vendor accepts the request, but no pact verifies it."""
    tts.get("/v2/voices", params={"search": "concierge"}).raise_for_status()

    [violation] = get_violations(tts)
    assert (violation["kind"], violation["operation"]) == ("not_in_pacts", "listVoices")
    assert violation["requires"] == "no pact has an interaction of listVoices with search"


def test_repeated_violation_is_counted_once(tts: httpx.Client) -> None:
    """Three requests with the same error are one violation with count 3."""
    for _ in range(3):
        tts.post("/v1/text-to-speech/concierge", json={})

    [violation] = get_violations(tts)
    assert (violation["kind"], violation["where"]) == ("rejected", "body.text")
    assert (violation["rule"], violation["count"]) == ("required", 3)


def test_line_names_rule_and_limit_but_no_text_that_was_sent(tts: httpx.Client) -> None:
    """A number stands beside its limit; a name that the vendor lacks is called so; a text may be personal data."""
    tts.get("/v2/voices", params={"page_size": "5000"})
    tts.get("/v2/voices", params={"page_size": "Jane Doe"})
    tts.get("/v2/voices", params={"search_text": "1"})
    tts.get("/v1/history", params={"source": "4989123456"})

    assert [render_line(violation).partition(", once by")[0] for violation in get_violations(tts)] == [
        "listVoices: query.page_size violates 'maximum': should be at most 100, sent '5000'",
        "listVoices: query.page_size violates 'type': should be an integer",
        "listVoices: query.search_text is an unknown parameter: listVoices has no such parameter, sent '1'",
        "listVoices: query: no pact has an interaction of listVoices with search_text, sent 'search_text'",
        'listHistory: query.source violates \'enum\': should be "TTS" or "STS" or null',
    ]


def test_violations_page_escapes_samples(tts: httpx.Client) -> None:
    """A browser gets a page that shows the sample as text, not as markup."""
    tts.post("/v1/text-to-speech/concierge", json={"txt": "<script>alert(1)</script>"})

    page = tts.get("/_stub/violations", headers={"Accept": "text/html"})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Rejected by the vendor" in page.text
    assert "body.text" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("page", ["violations", "requests", "faults", "interactions", ""])
def test_browser_on_control_pages_makes_no_vendor_request(tts: httpx.Client, page: str) -> None:
    """A browser opens a page and requests /favicon.ico; neither is a request to the vendor."""
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "xi-api-key": ""}

    for path in (f"/_stub/{page}".rstrip("/"), "/favicon.ico"):
        tts.get(path, headers=browser)

    assert get_violations(tts) == []
    assert tts.get("/_stub/requests").json() == []


def test_violations_page_has_an_inline_icon(tts: httpx.Client) -> None:
    """The page needs no further request."""
    page = tts.get("/_stub/violations", headers={"Accept": "text/html"}).text

    assert '<link rel="icon" href="data:,">' in page
    assert tts.get("/favicon.ico").status_code == 204


def run(folder: Path, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a module in a folder; the pipes are unbuffered so that `select` sees every line."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


@dataclass(frozen=True, slots=True)
class RunningStubs:
    """All stubs, started in a folder.

    Attributes:
        folder: the checkout in which they run.
        tts_url: the address that they print for the TTS vendor.
    """

    folder: Path
    tts_url: str


@pytest.fixture(scope="module")
def stubs_in_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStubs]:
    """Run all stubs as `make stubs` does, once for all tests."""
    folder = tmp_path_factory.mktemp("stubs")
    process = run(folder, "provider_verification.stubs")
    try:
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in read_exports(process))
        yield RunningStubs(folder, variables["TTS_SERVICE_URL"])
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE)


@pytest.fixture
def running_stubs(stubs_in_folder: RunningStubs) -> RunningStubs:
    """All stubs, of which none has recorded a violation."""
    httpx.post(f"{stubs_in_folder.tts_url}/_stub/reset").raise_for_status()
    return stubs_in_folder


def read_exports(process: subprocess.Popen[bytes]) -> list[str]:
    """Return the lines that set variables; the first other line is the last one printed."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1].startswith("export "):
        assert select.select([process.stdout], [], [], DEADLINE)[0], "the stubs did not start"
        lines.append(process.stdout.readline().decode())
    return lines[:-1]


def list_violations(folder: Path) -> tuple[int, str]:
    """Run the command in this process; return its exit code and its output."""
    command = typer.Typer()
    command.command()(violations_cli.main)
    with chdir(folder):
        result = CliRunner().invoke(command)
    return result.exit_code, result.output


def start_listing_violations(folder: Path) -> tuple[int, str]:
    """The same in a process of its own, as `make violations` does."""
    process = run(folder, "provider_verification.stubs.control.violations_cli")
    output, errors = process.communicate(timeout=DEADLINE)
    return process.returncode, (output + errors).decode()


def test_command_fails_after_a_rejected_request(running_stubs: RunningStubs) -> None:
    """The exit code is 0 without violations; after a rejected request it is 1 and the violation is printed."""
    code_before, _ = list_violations(running_stubs.folder)
    httpx.post(f"{running_stubs.tts_url}/v1/text-to-speech/x", headers=KEY, json={})
    code, text = start_listing_violations(running_stubs.folder)

    assert code_before == 0
    assert code == 1
    assert "✗ tts: 1 violation\n" in text
    assert "rejected by the vendor: convert: body.text violates 'required'" in text
    assert "openapi.json#/paths/~1v1~1text-to-speech~1%7Bvoice_id%7D/post/requestBody" in text


def test_command_does_not_fail_for_what_is_not_modelled(running_stubs: RunningStubs) -> None:
    """A gap of the stub and a request that no pact describes are notes, each with its curl line."""
    url = running_stubs.tts_url
    httpx.get(f"{url}/v1/dubbing", headers={**KEY, "User-Agent": "phone/1.0"})

    code, text = list_violations(running_stubs.folder)

    assert code == 0
    assert "✓ tts: 0 violations, 1 note\n" in text
    assert "not modelled by the stub: GET /v1/dubbing: request: the stub lacks" in text
    assert "once by phone/1.0" in text
    assert (
        f'curl --globoff --path-as-is --request GET --header "xi-api-key: $TTS_API_KEY" {url}/v1/dubbing'
        in text
    )


def test_command_without_running_stubs_names_make_stubs(tmp_path: Path) -> None:
    """Without running stubs the exit code is 2 and the output says how to start them."""
    code, text = list_violations(tmp_path)

    assert code == 2
    assert "make stubs" in text


def test_second_stubs_in_a_checkout_are_refused(running_stubs: RunningStubs) -> None:
    """The command would list the violations of the wrong ones; the message says where the running ones are."""
    second = run(running_stubs.folder, "provider_verification.stubs", "vault")
    output, errors = second.communicate(timeout=DEADLINE)
    code, text = list_violations(running_stubs.folder)

    assert (second.returncode, output) == (1, b"")
    assert "stubs run in this checkout already" in errors.decode()
    assert f"tts at {running_stubs.tts_url}" in errors.decode()
    assert (code, text.count("0 violations")) == (0, len(vendor_names()))


def test_stubs_start_after_others_were_killed(tmp_path: Path) -> None:
    """A killed process leaves the file, with addresses at which nothing listens."""
    killed = run(tmp_path, "provider_verification.stubs", "tts")
    before = read_exports(killed)
    killed.kill()
    killed.communicate(timeout=DEADLINE)

    process = run(tmp_path, "provider_verification.stubs", "tts")
    after = read_exports(process)
    code, _ = list_violations(tmp_path)
    process.terminate()
    process.communicate(timeout=DEADLINE)

    assert before != after
    assert code == 0
