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
    """Run every interaction against a Pact mock server and write the pact files."""
    try:
        with console.status("recording"):
            for pact in record_pacts(vendors or vendor_names(), output):
                console.print(
                    f"[green]✓[/green] {pact.vendor:10} {pact.interactions:4} interactions  {pact.path}"
                )
    except (RecordingError, LookupError) as error:
        console.print(
            f"[red]✗[/red] no pact file was written for this vendor\n{escape(str(error))}", soft_wrap=True
        )
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
