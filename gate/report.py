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

from consumer_tests.pact_files import RecordedPact
from gate.steps import VendorReport
from gate.suites import SuiteResult
from gate.verdict import Outcome, Verdict, short_version
from gate.version import ConsumerVersion

OUTCOME_LABELS: dict[Outcome, str] = {
    "verified": "[green]✓ verified[/green]",
    "failed": "[red]✗ failed[/red]",
    "changed": "[yellow]? verified by an older truth[/yellow]",
    "not deployed": "[yellow]? verified, not recorded as deployed[/yellow]",
    "not verified": "[yellow]? not verified[/yellow]",
    "no pact": "[yellow]? no pact[/yellow]",
}


def print_header(console: Console, version: ConsumerVersion, url: str) -> None:
    """Which version is asked about, and at which broker."""
    console.print(
        f"orchestrator [bold]{short_version(version.number)}[/bold] on {escape(version.branch)}, broker {url}"
    )


def print_recorded(console: Console, pacts: Sequence[RecordedPact]) -> None:
    """How many interactions each pact holds."""
    for pact in pacts:
        console.print(f"    {pact.vendor}: {pact.interactions} interactions")


def print_suites(console: Console, result: SuiteResult) -> None:
    """How many tests of each suite passed for this version."""
    when = ", known from before" if result.cached else ""
    parts = ", ".join(f"{name.removeprefix('test_')} {count}" for name, count in result.passed.items())
    console.print(f"    {result.total} tests passed{when}: {parts}")


def print_verified(console: Console, vendors: Sequence[VendorReport]) -> None:
    """Each vendor's outcome, and the stub version it is an outcome of."""
    for vendor in vendors:
        mark = "[green]✓[/green]" if vendor.success else "[red]✗[/red]"
        console.print(f"  {mark} {escape(vendor.summary)} [dim](vendor version {vendor.version})[/dim]")


def print_verdict(console: Console, answer: Verdict, *, url: str, build: Path) -> None:
    """The matrix, the verdict, and where to look; the verdict also as build/verdict.json."""
    table = Table("vendor", "as we know it", f"in {answer.environment}", "this version's pact")
    for row in answer.rows:
        table.add_row(
            row.provider, row.expected_version, row.provider_version or "none", OUTCOME_LABELS[row.outcome]
        )
    console.print(table)
    for row in answer.rows:
        for problem in row.problems:
            console.print(f"  [red]✗[/red] {row.provider}: {escape(problem)}")
    colour = "green" if answer.deployable else "red"
    console.print(f"[bold {colour}]{escape(answer.summary())}[/bold {colour}]")
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
