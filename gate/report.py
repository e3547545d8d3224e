"""What the gate prints: progress, the table of vendors, the verdict, and where the reports are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gate.broker_process import configured_url
from gate.deployments import DEFAULT_ENVIRONMENT
from gate.outcome import BUILD, VERDICT_FILE
from gate.pact_files import PactFile
from gate.suites import SuiteResult, VendorCoverage
from gate.verdict import Outcome, Verdict, short_version
from gate.verification import VendorReport
from gate.version import ConsumerVersion

OUTCOME_LABELS: dict[Outcome, str] = {
    "verified": "[green]✓ verified[/green]",
    "failed": "[red]✗ failed[/red]",
    "changed": "[yellow]? verified by another version[/yellow]",
    "not verified": "[yellow]? not verified[/yellow]",
    "no pact": "[yellow]? no pact[/yellow]",
}

MAX_MISSING_SHOWN = 3
"""Interactions of one vendor that a line names."""
REASONS = "contract_usage/unexercised_interactions.toml"

NOT_RECORDED = "not recorded"
NOT_RECORDED_MEANING = "'{gate}' on the main branch records it; the verdict does not depend on it"
UNKNOWN_ON_PAGE = (
    "it says 'unknown' until '{gate}' on the main branch, and nothing else, records the vendor versions"
)
"""`{gate}` is the command that asks about the same environment."""


def print_header(console: Console, version: ConsumerVersion, url: str) -> None:
    """Print which version is asked about, and at which broker."""
    broker = url if configured_url() else f"{url} (embedded)"
    number, branch = short_version(version.number), escape(version.branch)
    console.print(f"orchestrator [bold]{number}[/bold] on {branch}, broker {escape(broker)}")


def print_recorded(console: Console, interactions: Mapping[str, int]) -> None:
    """Print how many interactions the recorded pact of each vendor holds."""
    for vendor, count in interactions.items():
        console.print(f"    {vendor}: {count} interactions")


def print_pact_files(console: Console, files: Iterable[PactFile]) -> None:
    """Print how many interactions each pact file holds."""
    for file in files:
        console.print(f"    {file.provider}: {file.interactions} interactions, {escape(str(file.path))}")


def print_missing_pacts(console: Console, vendors: Iterable[str]) -> None:
    """Print which vendors have expectations but no pact file."""
    for vendor in vendors:
        console.print(f"  [red]✗[/red] there is no pact file for {vendor}: run 'make pact-consumer'")


def print_removed(console: Console, interactions: Sequence[str], branch: str) -> None:
    """Print which interactions the main branch's pact has and this version's has not."""
    for interaction in interactions:
        console.print(f"  [yellow]![/yellow] removed, compared with {escape(branch)}: {escape(interaction)}")


def print_suites(console: Console, result: SuiteResult) -> None:
    """Print how many tests of each suite passed, and how many interactions of each vendor they exercised."""
    cached = " (already run for this version)" if result.cached else ""
    counts = ", ".join(f"{name.removeprefix('test_')} {count}" for name, count in result.passed.items())
    console.print(f"    {result.total} tests passed{cached}: {counts}")
    if result.coverage:
        _print_coverage(console, result.coverage)


def _print_coverage(console: Console, coverage: Mapping[str, VendorCoverage]) -> None:
    recorded = sum(vendor.recorded for vendor in coverage.values())
    share = sum(vendor.exercised for vendor in coverage.values()) / recorded if recorded else 1.0
    counts = ", ".join(f"{name} {vendor.exercised} of {vendor.recorded}" for name, vendor in coverage.items())
    console.print(f"    {share:.1%} of the interactions exercised: {counts}")
    for name, vendor in coverage.items():
        if vendor.missing:
            shown = ", ".join(f"'{missing}'" for missing in vendor.missing[:MAX_MISSING_SHOWN])
            hidden = len(vendor.missing) - MAX_MISSING_SHOWN
            rest = f" and {hidden} more" if hidden > 0 else ""
            console.print(f"      {name}, not exercised: {escape(shown)}{rest}; reasons: {REASONS}")


def print_verified(console: Console, reports: Iterable[VendorReport]) -> None:
    """Print each vendor's result, its version, and each operation and field that broke."""
    for report in reports:
        mark = "[green]✓[/green]" if report.success else "[red]✗[/red]"
        console.print(f"  {mark} {escape(report.summary)} [dim](vendor version {report.version})[/dim]")
        for problem in report.problems:
            console.print(f"      {escape(problem)}")


def print_verdict(console: Console, verdict: Verdict, url: str) -> None:
    """Print the table of vendors, the verdict, and where the reports are."""
    table = Table("vendor", "version", f"in {verdict.environment}", "this version's pact")
    for row in verdict.rows:
        label = OUTCOME_LABELS[row.outcome]
        table.add_row(row.provider, row.expected_version, row.provider_version or NOT_RECORDED, label)
    console.print(table, soft_wrap=False)
    gate = _gate_command(verdict.environment)
    if any(row.provider_version is None for row in verdict.rows):
        console.print(f"[dim]{NOT_RECORDED}: {escape(NOT_RECORDED_MEANING.format(gate=gate))}[/dim]")
    colour = "green" if verdict.deployable else "red"
    console.print(f"[bold {colour}]{escape(verdict.summary())}[/bold {colour}]")
    page = url if configured_url() else "run 'make broker', then open http://127.0.0.1:9292"
    if any(row.provider_version is None for row in verdict.rows):
        page += f" ({UNKNOWN_ON_PAGE.format(gate=gate)})"
    console.print(
        f"[dim]Pacts: pacts/   Reports: {BUILD / 'verification'}/, {VERDICT_FILE}   Broker: {escape(page)}[/dim]"
    )


def _gate_command(environment: str) -> str:
    """Return the command that runs the gate for an environment."""
    return "make gate" if environment == DEFAULT_ENVIRONMENT else f"make gate ENVIRONMENT={environment}"
