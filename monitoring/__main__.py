"""`python -m monitoring`: metrics, notifications and a summary of a test run, and the dashboards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from monitoring.dashboards.files import write_dashboards
from monitoring.metrics import DEFAULT_JOB, ExportError, push, write_textfile
from monitoring.notification_state import StateError
from monitoring.notify import DEFAULT_MAX_PER_HOUR, Notifier, configured_channels
from monitoring.results import ResultsError, read_run
from monitoring.summary import render_summary
from orchestrator.settings.alerts import AlertSettings

RESULTS = Path("test_reports/integration_test_results.json")
STATE = Path("build/notifications.json")
Results = Annotated[Path, typer.Option(help="what the test runner wrote; the JUnit file is beside it")]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def export(
    results: Results = RESULTS,
    textfile: Annotated[Path | None, typer.Option(help="file for the node exporter, *.prom")] = None,
    pushgateway: Annotated[str | None, typer.Option(help="address of a Pushgateway")] = None,
    job: Annotated[str, typer.Option(help="the job at the Pushgateway")] = DEFAULT_JOB,
) -> None:
    """Export a run as Prometheus metrics: to a file, to a Pushgateway, or to both."""
    if textfile is None and pushgateway is None:
        raise typer.BadParameter("name a --textfile, a --pushgateway, or both")
    run = read_run(results)
    if textfile:
        write_textfile(run, textfile)
    if pushgateway:
        push(run, pushgateway, job)


@app.command()
def notify(
    results: Results = RESULTS,
    state: Annotated[Path, typer.Option(help="file that keeps what was reported")] = STATE,
    environment: Annotated[
        str, typer.Option(help="whose tests these are; part of each alert's key")
    ] = "tests",
    report_url: Annotated[str, typer.Option(help="where people read more")] = "",
    max_per_hour: Annotated[
        int, typer.Option(min=1, help="new alerts per channel and hour")
    ] = DEFAULT_MAX_PER_HOUR,
) -> None:
    """Report failed tests to PagerDuty and Slack, and their end; without a receiver do nothing."""
    try:
        # a CI job has an empty variable for a secret that is not set
        channels = configured_channels(AlertSettings(_env_ignore_empty=True), environment)
    except ValidationError as error:
        names = ", ".join(sorted({str(details["loc"][0]) for details in error.errors()}))
        raise typer.BadParameter(f"these variables are invalid: {names}") from None
    if not channels:
        typer.echo("Nothing sent: neither PAGERDUTY_ROUTING_KEY nor SLACK_WEBHOOK_URL is set.")
        return
    notifier = Notifier(read_run(results), datetime.now(UTC), report_url, max_per_hour)
    outcomes = asyncio.run(notifier.notify(channels, state))
    for outcome in outcomes:
        typer.echo(str(outcome))
    if not all(outcome.complete for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def summary(results: Results = RESULTS) -> None:
    """Print a run as Markdown, for the summary of a CI job."""
    typer.echo(render_summary(read_run(results)), nl=False)


@app.command()
def dashboards() -> None:
    """Write the Grafana dashboards to monitoring/grafana/."""
    for path in write_dashboards():
        typer.echo(f"wrote {path}")


def run_command(command: Callable[[], None] = app) -> None:
    """Run the command line; exit with 2 if the input is at fault and with 1 if a receiver is."""
    try:
        command()
    except (ResultsError, StateError) as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except ExportError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    run_command()
