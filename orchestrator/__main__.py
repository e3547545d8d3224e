"""`python -m orchestrator`: the service, with its settings from the environment."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
import uvicorn

from orchestrator.app import create_app
from orchestrator.pms.factory import UnknownPms
from orchestrator.security.vault_secrets import read_secrets
from orchestrator.settings import SettingsError, from_environment

KEEP_ALIVE = 75
"""Seconds an idle connection is kept: longer than clients do, or one is closed just when it is used again."""


def main(
    host: Annotated[str, typer.Option(help="address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen at")] = 8080,
) -> None:
    """Answer the phone until stopped."""
    try:
        app = create_app(from_environment(asyncio.run(read_secrets())))
    except (SettingsError, UnknownPms, ValueError) as error:
        sys.exit(f"the orchestrator cannot start: {error}")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        loop="uvloop",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    typer.run(main)
