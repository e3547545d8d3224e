"""`python -m orchestrator`: run the service with the settings of the environment, or a command."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import Annotated, cast

import typer
import uvicorn
from fastapi import FastAPI

from orchestrator import telephony_commands, voice_commands
from orchestrator.api.http_protocol import LimitedHttpProtocol
from orchestrator.api.websocket_protocol import LimitedWebSocketProtocol
from orchestrator.app import create_app
from orchestrator.container import Container
from orchestrator.persistence.database import Database, DatabaseUnavailableError
from orchestrator.security.vault_secrets import read_vault, secret_variables
from orchestrator.settings import Settings, SettingsError, load_settings

KEEP_ALIVE_TIMEOUT_SECONDS = 75
"""Longer than clients keep idle connections, so that none is closed while a client sends on it."""

MAX_WEBSOCKET_MESSAGE_BYTES = 16 * 1024
"""More than the longest piece of text needs, with every character escaped."""


commands = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
commands.add_typer(telephony_commands.app)
commands.command("voices")(voice_commands.check_voices)


@commands.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen at")] = 8080,
) -> None:
    """Run the orchestrator until it is stopped, unless a command is given."""
    if context.invoked_subcommand is not None:
        return
    try:
        # checked before uvicorn starts, which would show a failure as a traceback
        vault = asyncio.run(read_vault())
        settings = load_settings(secret_variables(vault.secret.values) if vault else None)
        asyncio.run(_check_database(settings.storage.database_url))
        app = create_app(settings, vault)
    except SettingsError as error:
        sys.exit(f"the orchestrator cannot start: {error}")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        # the query may hold the webhook secret; RequestContextMiddleware logs requests without it
        access_log=False,
        server_header=False,
        loop="uvloop",
        # ClientAddressMiddleware does it, because uvicorn trusts 127.0.0.1 and takes any text for an address
        proxy_headers=False,
        http=_limited_protocol(app, settings),
        ws=LimitedWebSocketProtocol,
        ws_max_size=MAX_WEBSOCKET_MESSAGE_BYTES,
        # audio does not compress
        ws_per_message_deflate=False,
        limit_concurrency=settings.limits.max_connections,
        timeout_keep_alive=KEEP_ALIVE_TIMEOUT_SECONDS,
        timeout_graceful_shutdown=5,
    )


def _limited_protocol(app: FastAPI, settings: Settings) -> type[LimitedHttpProtocol]:
    container: Container = app.state.container
    protocol = partial(
        LimitedHttpProtocol,
        max_connections_per_address=settings.limits.max_connections_per_address,
        trusted_proxies=settings.security.trusted_proxies,
        on_rejection=container.metrics.connection_rejections.inc,
    )
    # uvicorn only calls it, but its annotation demands a class
    return cast(type[LimitedHttpProtocol], protocol)


async def _check_database(url: str) -> None:
    """Check that the database can be opened.

    Raises:
        SettingsError: it cannot.
    """
    # an engine of its own, because connections belong to the event loop of this asyncio.run
    database = Database(url)
    try:
        await database.ping()
    except DatabaseUnavailableError as error:
        raise SettingsError(
            f"DATABASE_URL: the database cannot be opened ({error}): it should exist and accept this user"
        ) from None
    finally:
        await database.close()


def cli() -> None:
    """Run the command line: the console script `voicehive-orchestrator`."""
    commands()


if __name__ == "__main__":
    cli()
