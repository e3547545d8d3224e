"""`python -m benchmarks [NAME …]`: run all benchmarks or those named; results as a table and in build/bench.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.table import Table

from benchmarks import (
    broker,
    conformance,
    first_audio,
    gate_run,
    orchestrator,
    recording,
    strength,
    stubs,
    verification,
)
from benchmarks.measure import Measure, NotMeasuredError
from gate.console import create_console

ALL = {
    "recording": recording.measure,
    "verification": verification.measure,
    "strength": strength.measure,
    "stubs": stubs.unchecked,
    "wiremock": stubs.beside_wiremock,
    "conformance": conformance.measure,
    "broker": broker.measure,
    "orchestrator": orchestrator.measure,
    "first-audio": first_audio.measure,
    "gate": gate_run.measure,
}
REPORT = Path("build/bench.json")


def main(names: list[str]) -> int:
    """Run the benchmarks and print the table."""
    if unknown := sorted(set(names) - set(ALL)):
        print(f"no benchmark is named {', '.join(unknown)}; available are {', '.join(ALL)}", file=sys.stderr)
        return 2
    console = create_console()
    results: list[Measure] = []
    for name in names or ALL:
        try:
            with console.status(f"measuring {name} …"):
                results += ALL[name]()
        except NotMeasuredError as error:
            console.print(f"[yellow]○[/yellow] {name}: not measured: {error}")
            continue
        console.print(f"[green]✓[/green] {name}")
    console.print(_table(results), soft_wrap=False)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps([result.as_dict() for result in results], indent=2) + "\n", encoding="utf-8")
    console.print(f"[dim]{REPORT}[/dim]")
    return 0


def _table(results: list[Measure]) -> Table:
    """Return a table of 80 columns or less: what a result is compared with stands below its name."""
    table = Table("what, compared with", "measured", "baseline", "ratio")
    for result in results:
        baseline = "" if result.baseline is None else f"{result.baseline:,.1f}"
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        notes = [
            f"  {note}" for note in (result.baseline_name, result.goal and f"goal: {result.goal}") if note
        ]
        name = "\n".join([f"{result.name}, {result.unit}", *notes])
        table.add_row(name, f"{result.value:,.1f}", baseline, ratio)
    return table


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
