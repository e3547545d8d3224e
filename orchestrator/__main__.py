"""`python -m orchestrator`: the service, with its settings from the environment."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.app import create_app
from orchestrator.container import PmsConfigurationError
from orchestrator.persistence.database import Database
from orchestrator.security.vault_secrets import load_vault_secrets
from orchestrator.settings import SettingsError, load_settings

KEEP_ALIVE_TIMEOUT_SECONDS = 75
"""Seconds an idle connection is kept: longer than clients do, or one is closed just when it is used again."""


def main(
    host: Annotated[str, typer.Option(help="address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen at")] = 8080,
) -> None:
    """Answer the phone until stopped."""
    try:
        settings = load_settings(asyncio.run(load_vault_secrets()))
        asyncio.run(_check_database(settings.database_url))
        app = create_app(settings)
    except (SettingsError, PmsConfigurationError, ValueError) as error:
        sys.exit(f"the orchestrator cannot start: {error}")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        loop="uvloop",
        timeout_keep_alive=KEEP_ALIVE_TIMEOUT_SECONDS,
        timeout_graceful_shutdown=5,
    )


async def _check_database(url: str) -> None:
    """Nothing, if the database can be used.

    Raises:
        SettingsError: it cannot.
    """
    database = Database(url)
    try:
        await database.ping()
    except (SQLAlchemyError, OSError) as error:
        raise SettingsError(
            f"DATABASE_URL: the database cannot be opened ({type(error).__name__}): see that it is there and lets us in"
        ) from None
    finally:
        await database.close()


def cli() -> None:
    """Run `main` with the command line's options: the console script `voicehive-orchestrator`."""
    typer.run(main)


if __name__ == "__main__":
    cli()
