"""Progress of a measurement: a bar on a terminal, one line per round elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from performance.measure import OnRound


@contextmanager
def show_progress(console: Console) -> Iterator[OnRound]:
    """Show the progress on a console for the duration of the block; yields the function that reports it."""
    if not console.is_terminal:
        yield _plain(console)
        return
    columns = (
        TextColumn("round"),
        MofNCompleteColumn(),
        BarColumn(20),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def on_round(number: int, rounds: int, endpoint: str) -> None:
            progress.update(task, completed=number - 1, total=rounds, description=endpoint)

        yield on_round


def _plain(console: Console) -> OnRound:
    last = (0, 0)

    def on_round(number: int, rounds: int, _endpoint: str) -> None:
        nonlocal last
        if (number, rounds) != last:
            last = (number, rounds)
            console.print(f"round {number} of {rounds}", markup=False)

    return on_round
