"""What a failed suite test shows: commands that a shell repeats, and the errors of vendors."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.server import run_stubs
from tests.integration.api import ApiClient, SentRequest
from tests.integration.curl import curl_command, used_variables
from tests.integration.failure_report import describe_requests, log_lines, vendor_errors, vendor_traffic
from tests.integration.scenarios import exported_calls
from tests.integration.vendors import StubClients

PRINT_ARGUMENTS = 'curl() { printf "%s\\0" "$@"; }\n'
VENDORS = ("apaleo", "livekit", "mews", "tts")
BODIES = [
    "",
    '{"name": "Zoë Müller-Łukasz", "text": "it\'s \\"fine\\""}',
    "$HOME `date` $(date) \\ !",
    "@/etc/hostname",
    "two\nlines",
    "a=1&b=%20",
]


def run_in_shell(command: str, variables: Mapping[str, str] | None = None) -> list[str]:
    """Run the command with a `curl` that prints its arguments; return them."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(variables or {})}
    completed = subprocess.run(
        ["sh", "-c", PRINT_ARGUMENTS + command], env=environment, capture_output=True, check=True
    )
    assert completed.stderr == b""
    return completed.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("body", BODIES)
def test_shell_passes_body_and_headers_unchanged(body: str) -> None:
    """Quotes, umlauts, line breaks and the shell's own characters arrive as they were sent."""
    headers = {"Content-Type": "application/json", "X-Note": "it's $5", "Content-Length": "7"}

    arguments = run_in_shell(curl_command("POST", "http://127.0.0.1/a?b[]=c'd", headers, body))

    expected = ["--globoff", "--request", "POST", "http://127.0.0.1/a?b[]=c'd"]
    expected += ["--header", "Content-Type: application/json", "--header", "X-Note: it's $5"]
    assert arguments == expected + (["--data-raw", body] if body else [])


@pytest.mark.parametrize(
    ("headers", "body", "variable"),
    [
        ({"Authorization": "Bearer s3cret"}, "", "TOKEN"),
        ({"X-API-Key": "s3cret"}, "", "API_KEY"),
        ({}, '{"email": "a@b.example", "password": "s3cret", "remember_me": true}', "PASSWORD"),
        ({}, '{"AccessToken":"s3cret"}', "MEWS_ACCESS_TOKEN"),
        ({}, "grant_type=client_credentials&client_secret=s3cret&scope=a", "CLIENT_SECRET"),
    ],
)
def test_variables_stand_for_credentials(headers: dict[str, str], body: str, variable: str) -> None:
    """The command holds no secret, and repeats the request once the variable is set."""
    command = curl_command("POST", "http://127.0.0.1/", headers, body)

    arguments = run_in_shell(command, {variable: "s3cret"})

    assert "s3cret" not in command
    assert used_variables(headers, body) == [variable]
    assert [argument for argument in arguments[4:] if not argument.startswith("--")] == [
        *(f"{name}: {value}" for name, value in headers.items()),
        *([body] if body else []),
    ]


def test_masked_token_of_a_stub_gets_its_scheme() -> None:
    """The stub's journal masks the whole header, and every vendor that takes it wants a bearer token."""
    command = curl_command("GET", "http://127.0.0.1/", {"authorization": "(secret)"}, "")

    assert run_in_shell(command, {"TOKEN": "s3cret"})[-1] == "authorization: Bearer s3cret"


def test_report_says_how_to_get_the_token() -> None:
    """The login that returns it is in the report."""
    sent = SentRequest(
        "GET", "http://127.0.0.1:8080/auth/profile", {"Authorization": "Bearer x"}, "", 500, "id-1"
    )

    report = describe_requests([sent])

    assert "status 500, correlation id id-1" in report
    assert "http://127.0.0.1:8080/auth/login" in report


def test_vendor_errors_name_operation_and_field() -> None:
    """A request that the vendor rejects is listed with its status and with what is wrong with it."""
    with run_stubs(VENDORS) as urls, httpx.Client() as http:
        stubs = StubClients(urls, http)
        stubs.tts.inject_fault("status", "stream", status=503, times=1)
        headers = {"xi-api-key": "stub-tts-key"}
        http.post(f"{urls['tts']}/v1/text-to-speech/concierge/stream", json={"text": "a"}, headers=headers)
        http.post(f"{urls['tts']}/v1/text-to-speech/concierge/stream", json={"txt": "a"}, headers=headers)

        errors = list(vendor_errors(stubs))
        traffic = vendor_traffic(stubs)

    assert "tts stream: status 503 (injected fault: status), correlation id none" in errors
    assert any(error.startswith("tts stream: status 422") for error in errors)
    assert any(error.startswith("tts stream: ") and "text" in error and "breaks" in error for error in errors)
    assert len(traffic) == 2
    assert traffic[0].startswith(
        "tts stream: POST /v1/text-to-speech/concierge/stream, status 503, correlation id "
    )


def test_log_lines_are_those_of_the_correlation_ids(tmp_path: Path) -> None:
    """Lines of other requests, and of requests without an id, are not shown."""
    (tmp_path / "stack0").mkdir()
    (tmp_path / "stack0/orchestrator.log").write_text("id-1 a\nid-2 b\nnone c\nid-1 d\n")

    assert log_lines(tmp_path, ["id-1", "none"]) == ["id-1 a", "id-1 d"]


def test_body_of_a_failed_read_is_in_the_assertion() -> None:
    """A helper that reads a field of the response shows the response, not that the field is missing."""
    api = ApiClient("http://orchestrator.example")
    error = {"error": {"code": "SERVICE_UNAVAILABLE"}}
    transport = httpx.MockTransport(lambda _: httpx.Response(503, json=error))

    with (
        httpx.Client(base_url=api.url, transport=transport) as api.http,
        pytest.raises(AssertionError, match=r"GET /gdpr/export/\+49: 503 .*SERVICE_UNAVAILABLE"),
    ):
        exported_calls(api, "+49")
