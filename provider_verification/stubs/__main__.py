"""`python -m provider_verification.stubs`: serve stubs, and print the variables that point an orchestrator at them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from provider_verification.stubs.engine.errors import ContractError
from provider_verification.stubs.engine.registry import create_stub_app, vendor_names
from provider_verification.stubs.engine.server import StubServers
from provider_verification.stubs.running import announce_stubs


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="VENDOR", help="all if none is given")] = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="the first stub's port, the others follow; 0 takes free ones"),
    ] = 0,
) -> None:
    """Serve the stubs on loopback until stopped, or until the process that started them ends."""
    try:
        servers = StubServers([create_stub_app(vendor) for vendor in names or vendor_names()], port)
        with announce_stubs(servers.urls):
            _print_variables(servers)
            servers.serve_while_parent_lives()
    except (LookupError, OSError, OverflowError, ContractError) as error:
        sys.exit(f"the stubs cannot start: {error}")


def _print_variables(servers: StubServers) -> None:
    for app in servers.apps:
        for name, value in app.stub.env_vars.items():
            typer.echo(f"export {name}={value.replace('{url}', servers.urls[app.vendor])}")
    typer.echo(
        "# control API of each: <address>/_stub/{states,faults,requests,violations,reset}; stop with Ctrl-C"
    )


if __name__ == "__main__":
    typer.run(main)
