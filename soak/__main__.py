"""`python -m soak`: run the whole stack under random faults and check that nothing is lost."""

from __future__ import annotations

import asyncio
import math
import random
from pathlib import Path
from typing import Annotated

import typer

from soak.report import write_report
from soak.run import Options, Result, run_soak

FOLDER = Path("build/soak")
MAX_SEED = 1_000_000
MAX_MINUTES = 7 * 24 * 60
INTERRUPTED = 130
"""The exit code after Ctrl-C, as of the other commands."""


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
    """Run the service under random faults; exit with 1 if an invariant is violated, with 130 after Ctrl-C."""
    chosen = random.randrange(MAX_SEED) if seed is None else seed  # noqa: S311 - not for security
    options = Options(seed=chosen, minutes=minutes, kill_rounds=kill_rounds, memory_calls=memory_calls)
    run_folder = folder.resolve() / str(chosen)
    run_folder.mkdir(parents=True, exist_ok=True)
    (run_folder / "orchestrator.log").unlink(missing_ok=True)
    typer.echo(f"Soak with seed {chosen}; the service's log is {run_folder / 'orchestrator.log'}")
    try:
        result = asyncio.run(_run(options, run_folder))
    except KeyboardInterrupt:
        typer.echo("interrupted: no report", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(write_report(run_folder, options, result))
    raise typer.Exit(1 if result.violations else 0)


async def _run(options: Options, folder: Path) -> Result:
    """Run the soak.

    Raises:
        asyncio.CancelledError: after Ctrl-C, whatever else failed: it reached the servers too, which have ended.
    """
    try:
        return await run_soak(options, folder, typer.echo)
    except Exception:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise asyncio.CancelledError from None
        raise


if __name__ == "__main__":
    typer.run(main)
