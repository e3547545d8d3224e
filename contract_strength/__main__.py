"""`python -m contract_strength`: mutate responses, requests, clients and decisions, and count what catches the mutants."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from consumer_tests.names import vendor_names
from contract_strength.mutant import SIDES, NoVerdictError, Result, Side
from contract_strength.page import write_page
from contract_strength.progress import show_progress
from contract_strength.results_file import FOLDER, Strength, write_json
from contract_strength.run import Task, decision_tasks, default_processes, load_pact, run_tasks, vendor_tasks
from contract_strength.survivors import load_rules, review
from contract_strength.table import result_table
from gate.console import create_console

MAX_SEED = 1_000_000
MAX_SHOWN = 40


def main(
    seed: Annotated[int | None, typer.Option(min=0, help="of the mutated values; by default random")] = None,
    vendor: Annotated[list[str] | None, typer.Option(help="only this vendor; repeatable")] = None,
    side: Annotated[list[str] | None, typer.Option(help=f"only {', '.join(SIDES)}; repeatable")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="by default one per processor")] = None,
) -> None:
    """Exit with 0 if every mutant is killed or listed with a reason, 1 if one survives, 2 if there is no verdict."""
    console = create_console()
    chosen = random.randrange(MAX_SEED) if seed is None else seed  # noqa: S311 - not for security
    console.print(f"Contract strength with seed {chosen}")
    try:
        tasks = _tasks(vendor or [], side or [], chosen)
        rules = load_rules()
        started = time.monotonic()
        with show_progress(console) as on_progress:
            results = run_tasks(tasks, processes or default_processes(), on_progress)
        strength = Strength(chosen, time.monotonic() - started, results, review(results, rules))
    except (NoVerdictError, LookupError) as error:
        console.print(f"[red]no verdict[/red]: {escape(str(error))}")
        raise typer.Exit(2) from None
    _report(console, strength)
    raise typer.Exit(strength.exit_code)


def _tasks(vendors: Sequence[str], sides: Sequence[str], seed: int) -> list[Task]:
    """Return the tasks of these vendors and sides, of all if there are none.

    Raises:
        LookupError: there is no such vendor or side.
    """
    if unknown := sorted(set(sides) - set(SIDES)):
        raise LookupError(f"there is no side {', '.join(unknown)}: there are {', '.join(SIDES)}")
    if unknown := sorted(set(vendors) - set(vendor_names())):
        raise LookupError(f"there is no vendor {', '.join(unknown)}: there are {', '.join(vendor_names())}")
    chosen: list[Side] = [side for side in SIDES if side in sides or not sides]
    tasks = [
        task
        for vendor in vendors or vendor_names()
        for task in vendor_tasks(vendor, load_pact(vendor), seed, chosen)
    ]
    # decisions belong to no vendor
    return [*tasks, *(decision_tasks() if "decision" in chosen and not vendors else ())]


def _report(console: Console, strength: Strength) -> None:
    path = write_json(strength)
    page = write_page(strength, FOLDER)
    console.print(result_table(strength))
    for result in strength.review.unlisted[:MAX_SHOWN]:
        console.print(f"[red]✗[/red] {escape(_line(result))}")
    hidden = len(strength.review.unlisted) - MAX_SHOWN
    if hidden > 0:
        console.print(f"(and {hidden} more, see {path})")
    for entry in strength.review.stale:
        console.print(f"[red]✗[/red] stale entry of contract_strength/survivors.toml: {escape(entry)}")
    console.print(escape(strength.summary()))
    console.print(f"[dim]{path}, {page}[/dim]")


def _line(result: Result) -> str:
    mutant = result.mutant
    fate = "survives" if result.caught_by is None else f"is caught though it is not read ({result.caught_by})"
    change = f"{mutant.before} → {mutant.after}"
    return f"{mutant.side} of {mutant.vendor}, '{mutant.interaction}', {mutant.path}, {mutant.kind}: {change} {fate}"


if __name__ == "__main__":
    typer.run(main)
