"""`python -m consumer_tests`: record what the orchestrator expects of its vendors into pacts/."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from consumer_tests.discovery import contract_of, vendors
from consumer_tests.pacts import RecordingError, document, record_all, write

console = Console(highlight=False)


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="VENDOR", help="all when left out")] = None,
    output: Annotated[Path, typer.Option(help="the folder of the pact files")] = Path("pacts"),
) -> None:
    """Play every expectation against a Pact mock server and write the pacts."""
    try:
        asyncio.run(_record(names or vendors(), output))
    except (RecordingError, LookupError) as error:
        console.print(f"[red]No pact was written for this vendor.[/red]\n{error}", markup=True)
        raise typer.Exit(1) from None


async def _record(names: list[str], output: Path) -> None:
    async with httpx.AsyncClient() as http:
        for vendor in names:
            with console.status(f"recording {vendor}"):
                interactions = await record_all(contract_of(vendor), http)
                path = write(output, vendor, document(vendor, interactions))
            console.print(f"[green]✓[/green] {vendor:10} {len(interactions):4} interactions  {path}")


if __name__ == "__main__":
    typer.run(main)
