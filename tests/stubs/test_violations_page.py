"""The page of violations as a user sees it: by caller and operation, filters that are links, on a desktop and on a phone."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from provider_verification.stubs.control.violation_report import ViolationFilter, render_html
from provider_verification.stubs.engine.journal import Journal
from provider_verification.stubs.engine.masking import mask_text
from provider_verification.stubs.engine.sent_request import SentRequest
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.sdk import ValidationIssue
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from tests.browser import Page

KEY = "stub-tts-key"
MIN_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: the contrast of text of normal size."""
TEXTS = (Path(__file__).parents[1] / "fault_matrix" / "visible_texts.js").read_text(encoding="utf-8")
BODY = {"voice_settings": {"stability": 0.5}, "note": 'it\'s "quoted" $HOME `date`'}


@pytest.fixture
def tts() -> Iterator[httpx.Client]:
    """A client of the TTS vendor's stub that sends a valid API key."""
    headers = {"xi-api-key": KEY, "User-Agent": "phone/1.0"}
    with run_stubs(["tts"]) as urls, httpx.Client(base_url=urls["tts"], headers=headers) as client:
        yield client


def get_page(tts: httpx.Client, query: str = "") -> str:
    """Return the page as a browser gets it."""
    return tts.get(f"/_stub/violations{query}", headers={"Accept": "text/html"}).text


def test_violations_are_counted_per_caller(tts: httpx.Client) -> None:
    """Two programs make the same mistake: two entries, and a filter finds that of one."""
    for agent, times in (("phone/1.0", 2), ("desk/2.0", 1)):
        for _ in range(times):
            tts.post("/v1/text-to-speech/concierge", json={}, headers={"User-Agent": agent})

    violations = tts.get("/_stub/violations").json()
    of_desk = tts.get("/_stub/violations", params={"caller": "desk/2.0"}).json()

    assert [(entry["caller"], entry["count"]) for entry in violations] == [("phone/1.0", 2), ("desk/2.0", 1)]
    assert of_desk == [violations[1]]


def test_caller_without_user_agent_is_its_connection(tts: httpx.Client) -> None:
    """There is no other name for it."""
    del tts.headers["User-Agent"]
    tts.post("/v1/text-to-speech/concierge", json={})

    [violation] = tts.get("/_stub/violations").json()

    assert violation["caller"].startswith("connection ")


def test_curl_line_repeats_the_request(tts: httpx.Client) -> None:
    """Whatever the body contains; the key is a variable, so the line can be shared."""
    tts.post("/v1/text-to-speech/concierge", params={"output_format": "mp3_44100_128"}, json=BODY)
    [violation] = tts.get("/_stub/violations").json()
    tts.delete("/_stub/violations")

    output = subprocess.run(
        ["bash", "-c", f"{violation['curl']} --silent --output /dev/null --user-agent phone/1.0"],
        env={"PATH": "/usr/bin:/bin", "TTS_API_KEY": KEY, "no_proxy": "*"},
        check=True,
        capture_output=True,
        timeout=20,
    )

    assert output.stderr == b""
    assert KEY not in violation["curl"]
    assert tts.get("/_stub/violations").json() == [violation]


@pytest.mark.parametrize(("body", "quoted"), [
    (b'{"ClientToken": "a\\"b", "Count": 1}', """'{"ClientToken": "'"$MEWS_CLIENT_TOKEN"'", "Count": 1}'"""),
    (b"grant_type=x&client_secret=s%20t&scope=y", "'grant_type=x&client_secret='\"$CLIENT_SECRET\"'&scope=y'"),
    (b"plain", "plain"),
])  # fmt: skip
def test_credentials_in_a_body_become_variables(body: bytes, quoted: str) -> None:
    """The values of Mews's tokens and of forms are left out of the quotes, so that the shell expands the variables."""
    request = SentRequest("x", "POST", "http://localhost", "/a", {}, body)

    assert f" --data-raw {quoted} " in request.curl_command()


def test_binary_body_is_sent_through_base64() -> None:
    """Protobuf cannot be an argument of a command."""
    command = SentRequest("x", "POST", "http://localhost", "/a?b=[1]", {}, b"\x00\xff").curl_command()

    assert shlex.split(command)[:8] == ["echo", "AP8=", "|", "base64", "-d", "|", "curl", "--globoff"]
    assert command.endswith("--data-binary @- 'http://localhost/a?b=[1]'")


@pytest.mark.parametrize(("text", "masked"), [
    ('{"AccessToken":"secret-1","x":1}', '{"AccessToken":"(secret)","x":1}'),
    ('{"AccessToken":"cut off', '{"AccessToken":"(secret)'),
    ("a=1&client_secret=s", "a=1&client_secret=(secret)"),
    ('{"text": "no secret=1"}', '{"text": "no secret=1"}'),
    ('{"auth_p\\u0061ssword": "s", "next_page_token": "2"}', '{"auth_p\\u0061ssword": "(secret)", "next_page_token": "2"}'),
    ("http://x/rtc?access%5Ftoken=s&v=1", "http://x/rtc?access%5Ftoken=(secret)&v=1"),
    ('{"url": "wss://x?access_token=s", "n": 1}', '{"url": "wss://x?access_token=(secret)", "n": 1}'),
    ("invalid token: eyJhbGciOiJIUzI1NiJ9.e30.c2ln, expired", "invalid token: (secret), expired"),
])  # fmt: skip
def test_credentials_in_a_sample_are_masked(text: str, masked: str) -> None:
    """The journal keeps the start of a body, which may end within a credential."""
    assert mask_text(text) == masked


@pytest.mark.parametrize(("body", "shown"), [
    (b'{"data": {"pin": "4711", "list": [{"a": "4711"}], "n": 1}, "options": {"cas": "x"}}',
     """'{"data": {"pin": "'"$VAULT_VALUE"'", "list": [{"a": "'"$VAULT_VALUE"'"}], "n": 1}, "options": {"cas": "x"}}'"""),
    (b'{"data": {"pin": "4711"', '"$VAULT_BODY"'),
])  # fmt: skip
def test_every_value_of_a_secret_of_vault_becomes_a_variable(body: bytes, shown: str) -> None:
    """Whatever its name; a body that is not JSON has no names at all."""
    request = SentRequest(
        "x", "POST", "http://localhost", "/v1/secret/data/door", {"X-Vault-Token": "t"}, body
    )

    assert request.curl_command().split(" --data-raw ")[1] == f"{shown} http://localhost/v1/secret/data/door"


def test_tokens_of_mews_are_nowhere_in_the_violations() -> None:
    """They are in the body of each request."""
    with run_stubs(["mews"]) as urls, httpx.Client(base_url=urls["mews"]) as mews:
        body = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "x"}
        mews.post("/api/connector/v1/reservations/getAll/2023-06-06", json=body)
        text = mews.get("/_stub/violations").text

    assert "body.Limitation" in text
    assert CLIENT_TOKEN not in text
    assert ACCESS_TOKEN not in text


def test_filters_of_the_page_are_links(tts: httpx.Client) -> None:
    """A link sets one filter and keeps the others; that of a chosen value removes it."""
    tts.post("/v1/text-to-speech/concierge", json={})
    tts.get("/v2/voices", params={"sarch": "x"})

    page = get_page(tts, "?kind=rejected")

    assert '<a href="?" aria-current="true">Rejected by the vendor (1)</a>' in page
    assert '<a href="?kind=unknown_parameter">Ignored by the vendor (1)</a>' in page
    assert '<a href="?kind=rejected&amp;caller=phone%2F1.0">phone/1.0 (1)</a>' in page
    assert "body.text" in page
    assert "query.sarch" not in page


def example_violations() -> list[Any]:
    """Return violations of every kind, with long values and with markup."""
    journal = Journal()
    kinds = ("rejected", "unknown_parameter", "unknown_field", "warning", "not_modelled", "not_in_pacts")
    for number, kind in enumerate(kinds):
        for caller in ("python-httpx/0.28.1", f"Mozilla/5.0 {'(very long) ' * 12}<script>alert(1)</script>"):
            request = SentRequest(
                caller, "POST", "http://127.0.0.1:8080", f"/v1/{'long-path-' * 20}?a={number}",
                {"authorization": "Bearer x", "content-type": "application/json"}, b'{"text": "' + b"x" * 1_000 + b'"}',
            )  # fmt: skip
            issue = ValidationIssue(
                ("body", "reservations", 0, "f" * 90), "required", "m" * 200, f"schemas/x#/{'y' * 90}"
            )
            journal.record_violation(kind, f"operation{number}", issue, "s" * 200, request)
    return list(journal.violations.values())


@pytest.mark.parametrize(
    ("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]
)
def test_page_fits_and_is_readable(browser: Page, tmp_path: Path, width: int, scheme: str) -> None:
    """No sideways scrolling, WCAG AA contrast of each text, and markup of a client is text."""
    path = tmp_path / "violations.html"
    path.write_text(
        render_html("tts", example_violations(), ViolationFilter(kind="rejected")), encoding="utf-8"
    )
    browser.open(path, width, scheme, is_mobile=width < 600)

    assert browser.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert [text for text in browser.evaluate(TEXTS) if text["contrast"] < MIN_CONTRAST] == []
    assert browser.evaluate("document.scripts.length") == 0
    assert browser.evaluate("document.querySelectorAll('article').length") == 2
    assert browser.evaluate("document.querySelectorAll('nav a').length") == 6 + 2 + 1 + 1


def scanned() -> list[Any]:
    """Return violations of a caller that requests 200 paths that the vendor lacks, besides one known operation."""
    journal = Journal()
    for number in range(200):
        path = f"/wp-content/plugins/{number}/{'long-name-' * 6}"
        request = SentRequest("scanner/1.0", "GET", "http://127.0.0.1:8080", path, {})
        issue = ValidationIssue(("request",), "unknown_route", f"there is no GET {path}")
        journal.record_violation("rejected", f"GET {path}", issue, "", request)
    request = SentRequest("scanner/1.0", "GET", "http://127.0.0.1:8080", "/v2/voices", {})
    journal.record_violation(
        "rejected", "listVoices", ValidationIssue(("query", "page_size"), "type", "x"), "", request
    )
    return list(journal.violations.values())


@pytest.mark.parametrize("width", [1280, 390])
def test_many_unknown_paths_are_folded(browser: Page, tmp_path: Path, width: int) -> None:
    """200 of them take less than two screens, and open into a list that fits; the known operation stays visible."""
    path = tmp_path / "violations.html"
    path.write_text(render_html("tts", scanned(), ViolationFilter()), encoding="utf-8")
    browser.open(path, width, "light", is_mobile=width < 600)

    height = browser.evaluate("document.documentElement.scrollHeight")
    operations = browser.evaluate(
        "[...document.querySelectorAll('nav dd:last-of-type > a')].map(link => link.innerText)"
    )
    browser.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")

    assert height < 1800
    assert (len(operations), operations[0]) == (8, "listVoices (1)")
    assert browser.evaluate("document.querySelector('nav details summary').innerText") == "193 more"
    assert browser.evaluate("document.querySelector('.paths summary').innerText") == (
        "200 paths that the vendor does not have"
    )
    assert browser.evaluate("document.querySelectorAll('article').length") == 1
    assert browser.evaluate("document.querySelectorAll('.paths li pre').length") == 200
    assert browser.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert [text for text in browser.evaluate(TEXTS) if text["contrast"] < MIN_CONTRAST] == []


def test_few_unknown_paths_are_shown_one_by_one() -> None:
    """And what is chosen in a filter is never folded."""
    few = [violation for violation in scanned() if "/plugins/10" not in violation.operation][:5]
    chosen = max(violation.operation for violation in scanned() if violation.operation != "listVoices")

    assert "<details" not in render_html("tts", few, ViolationFilter())
    page = render_html("tts", scanned(), ViolationFilter(operation=chosen))
    assert page.index('aria-current="true"') < page.index("<details")
