"""What a failed test shows besides its assertion: its requests as commands, vendor traffic, errors and log lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.api import SENT_REQUESTS, SentRequest
from tests.integration.curl import curl_command, used_variables
from tests.integration.vendors import StubClient, StubClients

MAX_REQUESTS_SHOWN = 5
MAX_VENDOR_REQUESTS_SHOWN = 20
MAX_LOG_LINES = 60
LOG_FOLDER: pytest.StashKey[Path] = pytest.StashKey()
"""The folder below which the services of this process write their logs."""
HINTS = {
    "TOKEN": "access_token of POST {url}/auth/login; EMAIL and PASSWORD are a user's, such as ADMIN in local_stack/stack.py",
    "REFRESH_TOKEN": "refresh_token of POST {url}/auth/login",
    "PASSWORD": "the user's password",
    "API_KEY": "key of POST {url}/auth/api-keys",
}
"""How to get the value of each variable in a command."""


def add_sections(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add the last requests of the test, the vendor requests and errors behind them and their log lines to a failure."""
    sections = [("requests to the orchestrator, latest last", describe_requests(SENT_REQUESTS))]
    vendors = list(_stub_clients(getattr(item, "funcargs", {}).values()))
    sections.append(
        (
            "requests to vendors, latest last",
            "\n".join(line for stubs in vendors for line in vendor_traffic(stubs)),
        )
    )
    sections.append(
        ("errors of vendors", "\n".join(line for stubs in vendors for line in vendor_errors(stubs)))
    )
    ids = [sent.correlation_id for sent in list(SENT_REQUESTS)[-MAX_REQUESTS_SHOWN:]]
    folder = item.config.stash.get(LOG_FOLDER, None)
    lines = log_lines(folder, ids) if folder else []
    sections.append(("log lines of these correlation ids", "\n".join(lines)))
    add = getattr(report.longrepr, "addsection", None)
    for name, content in sections:
        if content and add:
            add(name, content)
        elif content:
            report.longrepr = f"{report.longrepr}\n{name}\n{content}"


def describe_requests(requests: Iterable[SentRequest]) -> str:
    """Return the last requests as commands with the status they got, and how to get the variables in them."""
    last_requests = list(requests)[-MAX_REQUESTS_SHOWN:]
    lines = []
    for sent in last_requests:
        command = curl_command(sent.method, sent.url, sent.headers, sent.body)
        lines += [f"status {sent.status}, correlation id {sent.correlation_id}", f"    {command}"]
    variables = {variable for sent in last_requests for variable in used_variables(sent.headers, sent.body)}
    base_url = str(httpx.URL(last_requests[-1].url).copy_with(raw_path=b"")) if last_requests else ""
    lines += [f"${name}: {hint.format(url=base_url)}" for name, hint in HINTS.items() if name in variables]
    return "\n".join(lines)


def vendor_traffic(stubs: StubClients) -> list[str]:
    """Return the last requests that each vendor got since the last reset, by vendor."""
    lines = []
    for vendor in stubs.all.values():
        try:
            requests = vendor.journal()[-MAX_VENDOR_REQUESTS_SHOWN:]
        except httpx.HTTPError:
            # among the vendors' errors
            continue
        lines += [
            f"{vendor.name} {request['operation']}: {request['method']} {request['path']}, status {request['status']}, "
            f"correlation id {request['headers'].get('x-correlation-id', 'none')}"
            for request in requests
        ]
    return lines


def log_lines(folder: Path, correlation_ids: Iterable[str]) -> list[str]:
    """Return the last lines of the services' logs that contain one of the correlation ids."""
    ids = [correlation_id for correlation_id in correlation_ids if correlation_id != "none"]
    lines: list[str] = []
    for file in sorted(folder.rglob("orchestrator*.log")):
        with file.open(encoding="utf-8", errors="replace") as log:
            lines += [
                line.rstrip("\n") for line in log if any(correlation_id in line for correlation_id in ids)
            ]
    return lines[-MAX_LOG_LINES:]


def vendor_errors(stubs: StubClients) -> Iterator[str]:
    """Return the failed requests, contract violations and stub defects since the last reset."""
    for vendor in stubs.all.values():
        try:
            yield from _errors_of(vendor)
        except httpx.HTTPError as error:
            yield f"{vendor.name}: the stub does not respond: {error}"


def _errors_of(vendor: StubClient) -> Iterator[str]:
    for request in vendor.journal():
        if request["status"] >= 400 or request["fault"]:
            yield _describe_error(vendor, request)
    for violation in vendor.violations():
        yield (
            f"{vendor.name} {violation['operation']}: {violation['where']} breaks '{violation['rule']}': "
            f"{violation['requires']}, sent {violation['sent']!r}"
        )
    for defect in vendor.defects():
        yield f"{vendor.name} {defect['operation']}: the stub broke its schema at {defect['where']}: {defect['message']}"


def _describe_error(vendor: StubClient, request: Mapping[str, Any]) -> str:
    fault = f" (injected fault: {request['fault']})" if request["fault"] else ""
    correlation_id = request["headers"].get("x-correlation-id", "none")
    return f"{vendor.name} {request['operation']}: status {request['status']}{fault}, correlation id {correlation_id}"


def _stub_clients(values: Iterable[Any]) -> Iterator[StubClients]:
    seen: list[StubClients] = []
    for value in values:
        for candidate in value if isinstance(value, tuple) else (value,):
            if isinstance(candidate, StubClients) and candidate not in seen:
                seen.append(candidate)
                yield candidate
