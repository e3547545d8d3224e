"""`python -m consumer_tests`: record the consumer contracts as pact files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from consumer_tests.names import vendor_names
from consumer_tests.pact_files import RecordingError, record_pacts

console = Console(highlight=False, emoji=False, soft_wrap=True)


def main(
    vendors: Annotated[list[str] | None, typer.Argument(metavar="VENDOR", help="default: all")] = None,
    output: Annotated[Path, typer.Option(help="folder of the pact files")] = Path("pacts"),
) -> None:
    """Run every interaction against a Pact mock server and write the pact files; exit with 1 if a vendor has none."""
    with console.status("recording"):
        recorded = [_record(vendor, output) for vendor in vendors or vendor_names()]
    raise typer.Exit(0 if all(recorded) else 1)


def _record(vendor: str, output: Path) -> bool:
    """Record a vendor's pact and print the result; return whether its file was written."""
    try:
        for pact in record_pacts([vendor], output):
            console.print(
                f"[green]✓[/green] {pact.vendor:10} {pact.interactions:4} interactions  {escape(str(pact.path))}"
            )
    except (RecordingError, LookupError) as error:
        console.print(f"[red]✗[/red] no pact file was written for {escape(vendor)}:\n{escape(str(error))}")
        if isinstance(error, RecordingError):
            console.print("  [bold]Next:[/bold] fix the client or the expectation")
        return False
    return True


if __name__ == "__main__":
    typer.run(main)
