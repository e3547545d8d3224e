"""What the gate shows: progress, the matrix as a table, the verdict, and where to look."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from consumer_tests.pacts import RecordedPact
from gate.steps import VendorReport
from gate.suites import SuiteResult
from gate.verdict import Outcome, Verdict, short
from gate.version import Version

MARKS: dict[Outcome, str] = {
    "verified": "[green]✓ verified[/green]",
    "failed": "[red]✗ failed[/red]",
    "changed": "[yellow]? verified by an older truth[/yellow]",
    "not deployed": "[yellow]? verified, not recorded as deployed[/yellow]",
    "not verified": "[yellow]? not verified[/yellow]",
    "no pact": "[yellow]? no pact[/yellow]",
}


def header(console: Console, version: Version, url: str) -> None:
    """Which version is asked about, and at which broker."""
    console.print(
        f"orchestrator [bold]{short(version.number)}[/bold] on {escape(version.branch)}, broker {url}"
    )


def recorded(console: Console, pacts: Sequence[RecordedPact]) -> None:
    """How many interactions each pact holds."""
    for pact in pacts:
        console.print(f"    {pact.vendor}: {pact.interactions} interactions")


def suites(console: Console, result: SuiteResult) -> None:
    """How many tests of each suite passed for this version."""
    when = ", known from before" if result.known else ""
    parts = ", ".join(f"{name.removeprefix('test_')} {count}" for name, count in result.passed.items())
    console.print(f"    {result.total} tests passed{when}: {parts}")


def verified(console: Console, vendors: Sequence[VendorReport]) -> None:
    """Each vendor's outcome, and the stub version it is an outcome of."""
    for vendor in vendors:
        mark = "[green]✓[/green]" if vendor.success else "[red]✗[/red]"
        console.print(f"  {mark} {escape(vendor.sentence)} [dim](vendor version {vendor.version})[/dim]")


def verdict(console: Console, answer: Verdict, *, url: str, build: Path) -> None:
    """The matrix, the verdict, and where to look; the verdict also as build/verdict.json."""
    table = Table("vendor", "as we know it", f"in {answer.environment}", "this version's pact")
    for row in answer.rows:
        table.add_row(row.provider, row.truth, row.provider_version or "none", MARKS[row.outcome])
    console.print(table)
    for row in answer.rows:
        for problem in row.problems:
            console.print(f"  [red]✗[/red] {row.provider}: {escape(problem)}")
    colour = "green" if answer.deployable else "red"
    console.print(f"[bold {colour}]{escape(answer.sentence())}[/bold {colour}]")
    build.mkdir(exist_ok=True)
    file = build / "verdict.json"
    file.write_text(json.dumps(dataclasses.asdict(answer), indent=2) + "\n", encoding="utf-8")
    console.print(
        f"[dim]Pacts: pacts/   Reports: {build / 'verification'}/, {file}   Broker: {_broker(url)}[/dim]"
    )


def _broker(url: str) -> str:
    if os.environ.get("PACT_BROKER_BASE_URL"):
        return url
    return "'make broker' shows it at http://127.0.0.1:9292"
