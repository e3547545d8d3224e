"""`python -m consumer_tests`: record what the orchestrator expects of its vendors into pacts/."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from consumer_tests.discovery import vendor_names
from consumer_tests.pact_files import RecordingError, record_pacts

console = Console(highlight=False)


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="VENDOR", help="all when left out")] = None,
    output: Annotated[Path, typer.Option(help="the folder of the pact files")] = Path("pacts"),
) -> None:
    """Play every expectation against a Pact mock server and write the pacts."""
    try:
        with console.status("recording"):
            for pact in record_pacts(names or vendor_names(), output):
                console.print(
                    f"[green]✓[/green] {pact.vendor:10} {pact.interactions:4} interactions  {pact.path}"
                )
    except (RecordingError, LookupError) as error:
        console.print(f"[red]✗[/red] no pact was written for this vendor\n{escape(str(error))}")
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
