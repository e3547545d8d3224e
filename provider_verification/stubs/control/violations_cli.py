"""`python -m provider_verification.stubs.control.violations_cli`: list the violations that the running stubs recorded."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import httpx
import typer

from provider_verification.stubs.control.violation_report import (
    FAILING_KINDS,
    KIND_ORDER,
    VIOLATION_KINDS,
    render_line,
)
from provider_verification.stubs.running import STUB_URLS_FILE, read_stub_urls
from provider_verification.stubs.tls import client_context

TIMEOUT_SECONDS = 10.0


def main() -> None:
    """Print every violation; exit with 1 if any is an error of the client, with 2 if a stub does not respond."""
    with httpx.Client(timeout=TIMEOUT_SECONDS, verify=client_context()) as client:
        violations_by_vendor = {
            vendor: _get_violations(client, vendor, url) for vendor, url in _read_stub_urls().items()
        }
    for vendor, violations in violations_by_vendor.items():
        _print_vendor(vendor, violations)
    raise typer.Exit(1 if any(map(_errors, violations_by_vendor.values())) else 0)


def _print_vendor(vendor: str, violations: list[dict[str, Any]]) -> None:
    errors = len(_errors(violations))
    notes = len(violations) - errors
    suffix = f", {_count(notes, 'note')}" if notes else ""
    typer.echo(f"{'✗' if errors else '✓'} {vendor}: {_count(errors, 'violation')}{suffix}")
    for violation in sorted(violations, key=lambda violation: KIND_ORDER.index(violation["kind"])):
        typer.echo(f"    {VIOLATION_KINDS[violation['kind']].title.lower()}: {render_line(violation)}")
        if violation["curl"]:
            typer.echo(f"        {violation['curl']}")


def _errors(violations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the violations that are errors of the client; the others are notes."""
    return [violation for violation in violations if violation["kind"] in FAILING_KINDS]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _read_stub_urls() -> dict[str, str]:
    try:
        return read_stub_urls()
    except (OSError, ValueError):
        _exit(
            f"no stubs are running: {STUB_URLS_FILE} does not exist. Start them with 'make stubs' in another terminal"
        )


def _get_violations(client: httpx.Client, vendor: str, url: str) -> list[dict[str, Any]]:
    try:
        response = client.get(f"{url}/_stub/violations").raise_for_status()
    except httpx.HTTPError as error:
        _exit(
            f"the stub of {vendor} at {url} does not respond ({error}): restart the stubs with 'make stubs'"
        )
    violations: list[dict[str, Any]] = response.json()
    return violations


def _exit(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(2)


if __name__ == "__main__":
    typer.run(main)
