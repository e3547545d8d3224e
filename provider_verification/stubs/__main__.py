"""`python -m provider_verification.stubs`: serve stubs, and print the variables that point a service at them."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from provider_verification.stubs.engine.errors import ContractError
from provider_verification.stubs.engine.registry import create_stub_app, vendor_names
from provider_verification.stubs.engine.server import StubServers
from provider_verification.stubs.recording.har import HarRecorder
from provider_verification.stubs.recording.recorder import RecordedApp
from provider_verification.stubs.running import announce_stubs
from provider_verification.stubs.tls import made_up_certificate, trust_variables
from provider_verification.stubs.violation_printer import ViolationPrinter


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="VENDOR", help="all if none is given")] = None,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="the first stub's port, the others follow; 0 takes free ones"),
    ] = 0,
    *,
    plain: Annotated[
        bool, typer.Option("--plain", help="start without guests, history and workers, as the suites do")
    ] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="serve TLS with a made-up certificate, and print how to trust it")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write what goes over the wire to a HAR file, without credentials"),
    ] = None,
) -> None:
    """Serve the stubs on loopback until stopped, or until the process that started them ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell ignores SIGINT for background jobs
        signal.signal(number, signal.default_int_handler)
    try:
        _serve(names or vendor_names(), port, plain=plain, tls=tls, record=record)
    except KeyboardInterrupt:
        return
    except (LookupError, OSError, OverflowError, ContractError) as error:
        sys.exit(f"the stubs cannot start: {error}")


def _serve(names: list[str], port: int, *, plain: bool, tls: bool, record: Path | None) -> None:
    apps = [create_stub_app(vendor, furnished=not plain) for vendor in names]
    with ExitStack() as resources:
        certificate = resources.enter_context(made_up_certificate()) if tls else None
        recorder = resources.enter_context(HarRecorder(record)) if record else None
        servers = StubServers(
            apps,
            port,
            certificate=certificate,
            wrap=lambda app: RecordedApp(app, recorder) if recorder else app,
        )
        resources.enter_context(announce_stubs(servers.urls))
        printer = ViolationPrinter()
        for app in apps:
            app.runtime.journal.on_violation = printer.printer_of(app.vendor)
        _print_variables(servers, tls=tls, record=record)
        servers.serve_while_parent_lives()


def _print_variables(servers: StubServers, *, tls: bool, record: Path | None) -> None:
    for app in servers.apps:
        for name, value in app.stub.env_vars.items():
            typer.echo(f"export {name}={value.replace('{url}', servers.urls[app.vendor])}")
    for name, value in trust_variables().items() if tls else ():
        typer.echo(f"export {name}='{value}'")
    typer.echo(
        "# control API of each: <address>/_stub/ lists states, faults, requests and violations; stop with Ctrl-C"
    )
    if tls:
        typer.echo(
            "# the last four variables make clients trust the certificate: Python, Go, curl and Node.js read them"
        )
    if record:
        typer.echo(f"# recording to {record}, which is complete when the stubs are stopped")
    # the printer of violations writes to the same stream from its own thread
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
