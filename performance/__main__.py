"""`python -m performance run|power`: find endpoints that became slower; measure what the search can find."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gate.console import create_console
from performance.http_client import MeasurementError
from performance.measure import Plan
from performance.power import measure_power
from performance.progress import show_progress
from performance.run import Options, run
from performance.thresholds import ThresholdsError
from performance.verdict import RunVerdict

MAX_SEED = 1_000_000
NO_VERDICT = 2
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
Rounds = Annotated[int, typer.Option(min=3, help="starts of fresh processes")]
Pairs = Annotated[int, typer.Option(min=1, help="requests of each endpoint and version in a round")]
Seed = Annotated[int | None, typer.Option(min=0, help="of all orders; by default random")]
Endpoints = Annotated[list[str] | None, typer.Option("--endpoint", help="only this endpoint; repeatable")]
Reports = Annotated[Path, typer.Option(help="folder of the results")]
REPORTS = Path("test_reports")


@app.command("run")
def run_command(
    base: Annotated[str | None, typer.Option(help="commit to compare with; without it the baseline")] = None,
    rounds: Rounds = 20,
    max_rounds: Annotated[int, typer.Option(min=3, help="rounds of undecided endpoints at most")] = 60,
    pairs: Pairs = 30,
    seed: Seed = None,
    endpoint: Endpoints = None,
    update: Annotated[bool, typer.Option("--update", help="store this run as the baseline")] = False,  # noqa: FBT002 - a flag
    reports: Reports = REPORTS,
) -> None:
    """Compare every endpoint; exit with 1 if one became slower, with 2 if there is no verdict."""
    console = create_console()
    plan = Plan(rounds, pairs, _choose_seed(console, seed))
    options = Options(plan, max_rounds, tuple(endpoint or ()), base, update, reports)
    try:
        with show_progress(console) as on_round:
            verdict = run(options, on_round)
    except (MeasurementError, ThresholdsError) as error:
        console.print(f"No verdict: {error}", markup=False)
        raise typer.Exit(NO_VERDICT) from None
    if verdict.judgements:
        console.print(_table(verdict))
    for line in verdict.lines():
        console.print(line, markup=False)
    console.print(f"Results: {reports / 'performance_regression.json'}", markup=False)
    raise typer.Exit(verdict.exit_code)


@app.command("power")
def power_command(
    rounds: Rounds = 20,
    pairs: Pairs = 30,
    repeats: Annotated[int, typer.Option(min=1, help="whole comparisons with a real slowdown")] = 20,
    seed: Seed = None,
    endpoint: Endpoints = None,
    reports: Reports = REPORTS,
) -> None:
    """Measure how often slowdowns of 5 % are found, and how often there is a false alarm."""
    console = create_console()
    plan = Plan(rounds, pairs, _choose_seed(console, seed))
    try:
        with show_progress(console) as on_round:
            proportions = measure_power(plan, repeats, tuple(endpoint or ()), on_round)
    except MeasurementError as error:
        console.print(f"Not measured: {error}", markup=False)
        raise typer.Exit(NO_VERDICT) from None
    table = Table("", "of", "share", "95 % CI", "goal")
    for proportion in proportions:
        table.add_row(*proportion.cells())
    console.print(table)
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "performance_power.json").write_text(
        "".join(proportion.json() + "\n" for proportion in proportions), encoding="utf-8"
    )


def _choose_seed(console: Console, seed: int | None) -> int:
    chosen = random.randrange(MAX_SEED) if seed is None else seed  # noqa: S311 - not for security
    console.print(f"seed {chosen}")
    return chosen


def _table(verdict: RunVerdict) -> Table:
    """Return a table of 80 columns or less."""
    table = Table("endpoint", "", "slowdown", "95 % CI", "verdict")
    for (endpoint, quantity), judgement in verdict.judgements.items():
        estimate = judgement.estimate
        interval = f"{estimate.low * 100:+.1f}…{estimate.high * 100:+.1f}"
        table.add_row(
            endpoint, quantity, f"{estimate.slowdown * 100:+.1f} %", interval, judgement.verdict.value
        )
    return table


if __name__ == "__main__":
    app()
