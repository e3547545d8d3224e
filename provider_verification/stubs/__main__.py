"""`python -m provider_verification.stubs`: all stubs, and the variables that point an orchestrator at them."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from provider_verification.stubs.contract import ContractError
from provider_verification.stubs.discovery import build, vendors
from provider_verification.stubs.serve import Servers
from provider_verification.stubs.violations import ADDRESSES


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="VENDOR", help="all when left out")] = None,
    port: Annotated[
        int, typer.Option(help="the first stub's port, the others follow; 0 takes free ones")
    ] = 0,
) -> None:
    """Serve the stubs on loopback until stopped."""
    try:
        servers = Servers([build(vendor) for vendor in names or vendors()], port)
    except (LookupError, OSError, ContractError) as error:
        sys.exit(f"the stubs cannot start: {error}")
    for app in servers.apps:
        for name, value in app.stub.environment.items():
            typer.echo(f"export {name}={value.replace('{url}', servers.urls[app.vendor])}")
    ADDRESSES.parent.mkdir(exist_ok=True)
    ADDRESSES.write_text(json.dumps(servers.urls), encoding="utf-8")
    typer.echo(
        "# control of each: <address>/_stub/{states,faults,requests,violations,reset}; stop with Ctrl-C"
    )
    try:
        servers.serve()
    finally:
        ADDRESSES.unlink(missing_ok=True)


if __name__ == "__main__":
    typer.run(main)
