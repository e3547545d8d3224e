"""`python -m provider_verification.stubs.control.violations_cli`: what the running stubs have against their callers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import httpx
import typer

from provider_verification.stubs.control.violation_report import FAILING_KINDS, VIOLATION_KINDS, render_line

STUB_URLS_FILE = Path("build/stubs.json")
"""Where the running stubs are; written when they start."""


def main() -> None:
    """Print every violation; exit 1 if any is the caller's fault, 2 if the stubs cannot be asked."""
    found = {vendor: _violations(vendor, url) for vendor, url in _addresses().items()}
    wrong = 0
    for vendor, violations in found.items():
        mark = "✗" if any(one["kind"] in FAILING_KINDS for one in violations) else "✓"
        typer.echo(f"{mark} {vendor}: {len(violations)} violations")
        for one in sorted(violations, key=lambda violation: list(VIOLATION_KINDS).index(violation["kind"])):
            typer.echo(f"    {VIOLATION_KINDS[one['kind']][0].lower()}: {render_line(one)}")
            wrong += one["kind"] in FAILING_KINDS
    raise typer.Exit(1 if wrong else 0)


def _addresses() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(STUB_URLS_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        _stop(
            f"no stubs are running: {STUB_URLS_FILE} is not there. Start them with 'make stubs' in another terminal"
        )
    return found


def _violations(vendor: str, url: str) -> list[dict[str, Any]]:
    try:
        answer = httpx.get(f"{url}/_stub/violations", timeout=10.0).raise_for_status()
    except httpx.HTTPError as error:
        _stop(
            f"the stub of {vendor} at {url} does not answer ({error}): start the stubs again with 'make stubs'"
        )
    violations: list[dict[str, Any]] = answer.json()
    return violations


def _stop(text: str) -> NoReturn:
    typer.echo(text, err=True)
    sys.exit(2)


if __name__ == "__main__":
    typer.run(main)
