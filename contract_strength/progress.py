"""Progress of a run: a bar on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from contract_strength.run import OnProgress

STEPS = 10


@contextmanager
def show_progress(console: Console) -> Iterator[OnProgress]:
    """Show the progress on a console for the duration of the block; yields the function that reports it."""
    if not console.is_terminal:
        yield _plain(console)
        return
    columns = (TextColumn("mutants"), MofNCompleteColumn(), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def on_progress(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield on_progress


def _plain(console: Console) -> OnProgress:
    last = 0

    def on_progress(done: int, total: int) -> None:
        nonlocal last
        step = done * STEPS // total if total else 0
        if step > last:
            last = step
            console.print(f"{done} of {total} mutants", markup=False)

    return on_progress
