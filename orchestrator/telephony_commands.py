"""`python -m orchestrator telephony`: set up trunks and dispatch rules at LiveKit from a hotel's file.

Exit codes: 0 nothing to do or done, 1 failed, 2 the command line, the file or the environment is wrong, 3 (`plan` only)
changes are pending.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.command_output import FAILED, INVALID, fail, print_lines
from orchestrator.container.vendors import create_http_pool, create_livekit_client
from orchestrator.observability.logging import disable_logging
from orchestrator.resilience.policy import CallPolicy
from orchestrator.security.vault_secrets import load_vault_secrets
from orchestrator.settings import SettingsError
from orchestrator.settings.load import load_section
from orchestrator.settings.vendors import LiveKitSettings
from orchestrator.telephony.setup import output
from orchestrator.telephony.setup.apply import IncompleteApplyError, apply_plan, read_existing
from orchestrator.telephony.setup.desired import SipSettings, desired_settings
from orchestrator.telephony.setup.hotel_file import HotelFile, InvalidHotelFileError, read_hotel_file
from orchestrator.telephony.setup.plan import Plan, plan_changes
from orchestrator.vendors.errors import VendorError
from orchestrator.vendors.livekit.sip_setup import SipSetupClient

PENDING = 3
HotelFilePath = Annotated[
    Path, typer.Argument(metavar="HOTEL.TOML", exists=True, dir_okay=False, help="the hotel's file")
]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask")]
app = typer.Typer(
    name="telephony", help="Set up a hotel's trunks and dispatch rules at LiveKit.", no_args_is_help=True
)


@app.callback()
def _prepare() -> None:
    # the commands report errors themselves
    disable_logging()


@app.command()
def plan(file: HotelFilePath) -> None:
    """Show what `apply` would change. Exit code 3: changes are pending."""
    planned = _plan(_read_livekit_settings(), *_read_desired(file))
    raise typer.Exit(PENDING if planned.pending else 0)


@app.command()
def apply(file: HotelFilePath, *, yes: Yes = False) -> None:
    """Make LiveKit's trunks and dispatch rules of this hotel those of the file."""
    settings = _read_livekit_settings()
    _change(settings, _plan(settings, *_read_desired(file)), "Apply?", ask=not yes)


@app.command()
def remove(file: HotelFilePath, *, yes: Yes = False) -> None:
    """Delete everything at LiveKit that was created from this hotel's file."""
    settings = _read_livekit_settings()
    hotel = _read_file(lambda: read_hotel_file(file)).hotel
    _change(settings, _plan(settings, hotel, []), "Delete?", ask=not yes)


def _read_desired(file: Path) -> tuple[str, list[SipSettings]]:
    hotel_file = _read_file(lambda: read_hotel_file(file, os.environ))
    return hotel_file.hotel, desired_settings(hotel_file, os.environ)


def _read_file(read: Callable[[], HotelFile]) -> HotelFile:
    try:
        return read()
    except InvalidHotelFileError as error:
        fail(INVALID, ["the file is not valid:", *(f"  {problem}" for problem in error.problems)])


def _read_livekit_settings() -> LiveKitSettings:
    try:
        return load_section(LiveKitSettings, asyncio.run(load_vault_secrets()))
    except SettingsError as error:
        fail(INVALID, [str(error)])


def _plan(settings: LiveKitSettings, hotel: str, desired: list[SipSettings]) -> Plan:
    """Print and return the changes."""

    async def read() -> Plan:
        async with _connect(settings) as client:
            return plan_changes(hotel, desired, await read_existing(client))

    try:
        planned = asyncio.run(read())
    except VendorError as error:
        fail(FAILED, output.failure_lines(error))
    print_lines(output.plan_table(planned))
    if planned.conflicts:
        fail(FAILED, output.conflict_lines(planned))
    return planned


def _change(settings: LiveKitSettings, planned: Plan, question: str, *, ask: bool) -> None:
    if not planned.pending:
        print_lines(["Nothing to do."])
        return
    if ask and not _is_confirmed(question):
        fail(FAILED, ["Nothing was changed; --yes changes it without asking."])

    async def change() -> None:
        # connected anew, because LiveKit may have closed connections while the user read the plan
        async with _connect(settings) as client:
            await apply_plan(client, planned, lambda change: print_lines([output.report_line(change)]))

    try:
        asyncio.run(change())
    except IncompleteApplyError as error:
        fail(FAILED, output.incomplete_lines(error, planned))


def _is_confirmed(question: str) -> bool:
    try:
        return typer.confirm(question)
    # the input ends, or Ctrl-C
    except typer.Abort:
        typer.echo()
        return False


@asynccontextmanager
async def _connect(settings: LiveKitSettings) -> AsyncIterator[SipSetupClient]:
    async with create_http_pool() as http:
        yield create_livekit_client(lambda: settings, http, lambda _vendor: CallPolicy()).sip_setup
