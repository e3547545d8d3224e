"""`python -m benchmarks [NAME …]`: every benchmark, or those named, as a table and as build/bench.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import broker, conformance, gate_run, orchestrator, recording, stubs, verification
from benchmarks.measure import Measure, NotMeasuredError

ALL = {
    "recording": recording.measures,
    "verification": verification.measures,
    "stubs": stubs.unchecked,
    "wiremock": stubs.beside_wiremock,
    "conformance": conformance.measures,
    "broker": broker.measure,
    "orchestrator": orchestrator.measures,
    "gate": gate_run.measures,
}
REPORT = Path("build/bench.json")


def main(names: list[str]) -> int:
    """Measure and show."""
    if unknown := sorted(set(names) - set(ALL)):
        print(f"no benchmark named {', '.join(unknown)}: there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    console = Console()
    found: list[Measure] = []
    for name in names or ALL:
        try:
            with console.status(f"measuring {name} …"):
                found += ALL[name]()
        except NotMeasuredError as error:
            console.print(f"[yellow]○[/yellow] {name}: not measured: {error}", highlight=False)
            continue
        console.print(f"[green]✓[/green] {name}")
    console.print(_table(found))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps([one.as_dict() for one in found], indent=2) + "\n", encoding="utf-8")
    console.print(f"[dim]{REPORT}[/dim]")
    return 0


def _table(found: list[Measure]) -> Table:
    table = Table("what", "measured", "peer", "its value", "ratio", "goal")
    for one in found:
        theirs = "" if one.baseline is None else f"{one.baseline:,.1f} {one.unit}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        table.add_row(one.name, f"{one.ours:,.1f} {one.unit}", one.baseline_name, theirs, ratio, one.goal)
    return table


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
