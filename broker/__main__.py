"""`python -m broker --port 9292 --database FILE`: run the broker until it gets SIGTERM or SIGINT; or another command.

`python -m broker hash-password` and `python -m broker new-token` make the entries of the file with users and tokens.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path

from broker.app import create_app
from broker.database import Database
from broker.security.users_file import UsersFileError
from broker.server import Server, listen
from broker.settings import add_setting_options, settings_from_options
from broker.sqlite_errors import DatabaseError
from broker.webhooks.settings import WebhookSettingsError, read_settings

COMMANDS = {
    **dict.fromkeys(("backup", "restore", "check"), "broker.maintenance.commands"),
    **dict.fromkeys(("export", "import"), "broker.transfer.commands"),
    **dict.fromkeys(("hash-password", "new-token"), "broker.security.commands"),
}
"""The commands beside `serve`, with the modules that run them."""

CANNOT_START = 2
"""The exit code if the port or the database cannot be used, as for a wrong option."""


def main(arguments: list[str] | None = None) -> int:
    """Run the broker, or another command, and return the exit code.

    Args:
        arguments: those of the command line; None for those of this process.
    """
    # first of all, because the parent may end while the database is opened
    parent = os.getppid()
    arguments = sys.argv[1:] if arguments is None else arguments
    command = arguments[0] if arguments else ""
    if command in COMMANDS:
        # imported when it is used: a broker that serves needs neither its time nor its memory
        exit_code: int = import_module(COMMANDS[command]).COMMANDS[command](arguments[1:])
        return exit_code
    return _serve(arguments[1:] if command == "serve" else arguments, parent)


def _serve(arguments: list[str], parent: int) -> int:
    options = _parse_options(arguments)
    settings = settings_from_options(options)
    with ExitStack() as resources:
        try:
            webhook_settings = read_settings(os.environ)
            listener = listen(options.host, options.port, has_users=settings.users_file is not None)
            resources.enter_context(listener)
            database = Database(options.database)
            resources.callback(database.close)
            lock = options.database.with_name(f"{options.database.name}-webhooks.lock")
            app = create_app(database, settings, webhook_settings, lock)
        except (DatabaseError, UsersFileError, OSError, WebhookSettingsError) as error:
            sys.stderr.write(f"the broker cannot start: {error}\n")
            return CANNOT_START
        # Ctrl-C, which the server raises again once it has ended
        with suppress(KeyboardInterrupt):
            Server(app, listener, parent if options.exit_with_parent else None).listen_and_serve()
    return 0


def _parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m broker [serve]",
        description="Run the embedded Pact Broker.",
        epilog=f"Other commands, each with --help: {', '.join(COMMANDS)}",
    )
    parser.add_argument(
        "--port", type=_port, default=9292, help="the port to listen on, 0 for any free one (default: 9292)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--database", type=Path, required=True, help="the SQLite file, created if it is missing"
    )
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="end when the process that started the broker ends"
    )
    add_setting_options(parser)
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is an integer from 0 to 65535")
    return port


if __name__ == "__main__":
    raise SystemExit(main())
