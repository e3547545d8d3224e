"""`python -m gate`: the pipeline from recorded pacts to a verdict, whole or step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from gate import report, steps
from gate.broker_process import running_broker
from gate.errors import ContractNotMetError, GateError
from gate.pact_files import load_pact_files
from gate.suites import run_suites
from gate.version import ConsumerVersion, current_version
from pact_broker_client.client import BrokerError

PACTS = Path("pacts")
BUILD = Path("build")
DATABASE = BUILD / "broker.sqlite"
REPORTS = BUILD / "verification"
SUITES = Path("tests/integration")

T = TypeVar("T")

app = typer.Typer(add_completion=False, help="May this version of the orchestrator be deployed?")
console = Console(highlight=False)


@app.command("run")
def run() -> None:
    """Record, run the suites, publish, verify, record the vendors as deployed, and give the verdict."""
    started = time.monotonic()
    with _map_errors_to_exit_codes(), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        recorded = _step("record", lambda: steps.record_all_pacts(PACTS))
        report.print_recorded(console, recorded)
        report.print_suites(console, _step("suites", lambda: run_suites(SUITES, BUILD / "suites", version)))
        _step("publish", lambda: steps.publish_pacts(PACTS, url, version))
        verified = _step("verify", lambda: steps.verify_providers(url, version, REPORTS))
        report.print_verified(console, verified)
        passed = [vendor for vendor in verified if vendor.success]
        _step("record deployments", lambda: steps.record_deployments(url, passed))
        _verdict(url, version, [pact.vendor for pact in recorded])
        console.print(f"[dim]{time.monotonic() - started:.1f} s[/dim]")


@app.command("publish")
def publish() -> None:
    """Publish pacts/ as this commit's, with the official CLI."""
    with _map_errors_to_exit_codes(), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        files = _step("publish", lambda: steps.publish_pacts(PACTS, url, version))
        for file in files:
            console.print(f"  {file.provider:10} {file.interactions:4} interactions  {file.path}")


@app.command("verify")
def verify() -> None:
    """Verify every pact from the broker against the stubs and publish the results."""
    with _map_errors_to_exit_codes(), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        verified = _step("verify", lambda: steps.verify_providers(url, version, REPORTS))
        report.print_verified(console, verified)
        if not all(vendor.success for vendor in verified):
            raise typer.Exit(1)


@app.command("can-i-deploy")
def can_i_deploy() -> None:
    """Say whether this commit may be deployed to production, and why."""
    with _map_errors_to_exit_codes(), running_broker(DATABASE) as url:
        version = current_version(Path())
        report.print_header(console, version, url)
        _verdict(url, version, [file.provider for file in load_pact_files(PACTS)])


def _verdict(url: str, version: ConsumerVersion, required: list[str]) -> None:
    verdict = _step("can-i-deploy", lambda: steps.can_i_deploy(url, version, required))
    report.print_verdict(console, verdict, url=url, build=BUILD)
    if not verdict.deployable:
        raise typer.Exit(1)


def _step(name: str, action: Callable[[], T]) -> T:
    started = time.monotonic()
    with console.status(f"{name} …"):
        result = action()
    console.print(f"[green]✓[/green] {name} [dim]{time.monotonic() - started:.1f} s[/dim]")
    return result


@contextmanager
def _map_errors_to_exit_codes() -> Iterator[None]:
    """Whatever stops the gate is told in a sentence, with what to do next: exit code 1 for no, 2 for no verdict."""
    try:
        yield
    except (GateError, BrokerError) as error:
        advice = getattr(error, "advice", "see whether the broker runs, and answers in a browser")
        console.print(f"[red]✗[/red] {escape(str(error))}\n  [bold]Next:[/bold] {escape(advice)}")
        if isinstance(error, ContractNotMetError):
            console.print("[bold red]No:[/bold red] this version must not be deployed.")
            raise typer.Exit(1) from None
        console.print("[red]No verdict:[/red] the gate could not answer, so nothing may be deployed.")
        raise typer.Exit(2) from None


if __name__ == "__main__":
    app()
