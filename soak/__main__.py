"""`python -m soak`: run the whole stack under random faults and check that nothing is lost."""

from __future__ import annotations

import asyncio
import math
import random
from pathlib import Path
from typing import Annotated

import typer

from soak.report import write_report
from soak.run import Options, run_soak

FOLDER = Path("build/soak")
MAX_SEED = 1_000_000
MAX_MINUTES = 7 * 24 * 60


def _reject_nan(minutes: float) -> float:
    # NaN is neither below the minimum nor above the maximum
    if math.isnan(minutes):
        raise typer.BadParameter("should be a number")
    return minutes


def main(
    minutes: Annotated[
        float, typer.Option(min=0, max=MAX_MINUTES, callback=_reject_nan, help="minutes of random faults")
    ] = 5,
    seed: Annotated[int | None, typer.Option(min=0, help="of calls and faults; by default random")] = None,
    kill_rounds: Annotated[int, typer.Option(min=0, help="kills of Redis and PostgreSQL before")] = 100,
    memory_calls: Annotated[int, typer.Option(min=0, help="calls whose memory is measured")] = 10_000,
    folder: Annotated[Path, typer.Option(help="for the report and the service's log")] = FOLDER,
) -> None:
    """Run the service under random faults; exit with 1 if an invariant is violated."""
    chosen = random.randrange(MAX_SEED) if seed is None else seed  # noqa: S311 - not for security
    options = Options(seed=chosen, minutes=minutes, kill_rounds=kill_rounds, memory_calls=memory_calls)
    run_folder = folder.resolve() / str(chosen)
    run_folder.mkdir(parents=True, exist_ok=True)
    (run_folder / "orchestrator.log").unlink(missing_ok=True)
    typer.echo(f"Soak with seed {chosen}; the service's log is {run_folder / 'orchestrator.log'}")
    result = asyncio.run(run_soak(options, run_folder, typer.echo))
    typer.echo(write_report(run_folder, options, result))
    raise typer.Exit(1 if result.violations else 0)


if __name__ == "__main__":
    typer.run(main)
