"""The commands `export` and `import`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterable, AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from broker.app import create_app
from broker.database import Database
from broker.settings import OFFICIAL, Settings
from broker.sqlite_errors import DatabaseError, DatabaseUnavailableError
from broker.transfer.comparison import find_differences
from broker.transfer.connection import HEADERS, Connection, client_of
from broker.transfer.database_source import DatabaseSource
from broker.transfer.progress import Progress
from broker.transfer.remote_source import RemoteSource
from broker.transfer.replay import Replay
from broker.transfer.steps import Step, TransferError

DONE, DIFFERENT, CANNOT_RUN = 0, 1, 2
CREDENTIALS = """Credentials of the other broker are read from PACT_BROKER_TOKEN, or from PACT_BROKER_USERNAME and
PACT_BROKER_PASSWORD. Exit codes: 0 both brokers give the same answers, 1 some differ, 2 the transfer could not be
completed; the same command continues it."""


def _export_history(arguments: list[str]) -> int:
    """Replay the database into another broker and compare both; return the exit code."""
    parser = _parser(
        "export", "Replay the history of a database into another Pact Broker, over its public protocol."
    )
    parser.add_argument("--to", required=True, metavar="URL", help="the broker that receives the history")
    options = parser.parse_args(arguments)
    if not options.database.exists():
        return _fail(f"{options.database} does not exist")
    return _run(
        _export(options.database, options.to, options.state or _default_state(options.database, "export"))
    )


def _import_history(arguments: list[str]) -> int:
    """Replay another broker's history into the database and compare both; return the exit code."""
    parser = _parser(
        "import", "Replay the history of another Pact Broker into a database, over its public protocol."
    )
    parser.add_argument(
        "--from", required=True, metavar="URL", dest="source", help="the broker that has the history"
    )
    options = parser.parse_args(arguments)
    state = options.state or _default_state(options.database, "import")
    return _run(_import(options.source, options.database.absolute(), state))


COMMANDS = {"export": _export_history, "import": _import_history}
"""By name: the function that runs the command with its arguments and returns the exit code."""


async def _export(file: Path, url: str, state: Path) -> int:
    async with _database_client(file) as (database, local), client_of(url, os.environ) as remote:
        # one state of the database, whatever is published meanwhile
        with database.snapshot():
            await _replay(DatabaseSource(database).steps(), remote, state, url)
        return await _compare(local, remote)


async def _import(url: str, file: Path, state: Path) -> int:
    async with _database_client(file) as (_, local), client_of(url, os.environ) as remote:
        await _replay(RemoteSource(Connection(remote)).steps(), local, state, file.as_uri())
        return await _compare(remote, local)


async def _replay(
    steps: AsyncIterable[Step], target: httpx.AsyncClient, state: Path, target_name: str
) -> None:
    with Progress(state, target_name) as progress:
        count = await Replay(Connection(target), progress).run(steps)
    sys.stdout.write(f"{count:,} steps were replayed; {state} has what is done\n")


async def _compare(source: httpx.AsyncClient, target: httpx.AsyncClient) -> int:
    count, differences = await find_differences(Connection(source), Connection(target))
    for difference in differences:
        sys.stdout.write(f"different: {difference}\n")
    verdict = f"{len(differences)} differ" if differences else "all are the same"
    sys.stdout.write(f"{count:,} answers of both brokers were compared: {verdict}\n")
    return DIFFERENT if differences else DONE


@asynccontextmanager
async def _database_client(file: Path) -> AsyncIterator[tuple[Database, httpx.AsyncClient]]:
    """Open a database and a client of a broker on it, which runs in this process."""
    try:
        database = Database(file)
    except DatabaseError as error:
        raise TransferError(str(error)) from None
    try:
        transport = httpx.ASGITransport(create_app(database, Settings(rules=OFFICIAL)))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=HEADERS
        ) as client:
            yield database, client
    finally:
        database.close()


def _run(transfer: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(transfer)
    except (TransferError, DatabaseUnavailableError) as error:
        return _fail(error)


def _fail(reason: object) -> int:
    sys.stderr.write(f"the transfer stopped: {reason}\n")
    return CANNOT_RUN


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m broker {command}", description=description, epilog=CREDENTIALS
    )
    parser.add_argument("--database", type=Path, required=True, help="the SQLite file of this broker")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="what is done; beside the database by default"
    )
    return parser


def _default_state(database: Path, command: str) -> Path:
    return database.with_name(f"{database.name}.{command}-state")
