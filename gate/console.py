"""The console: styles on a terminal only, and no line is wrapped in a file or a pipe."""

from __future__ import annotations

import os
import sys

from rich.console import Console

PIPED_WIDTH = 200
"""Columns of a table that is written to a file or a pipe."""


def create_console(*, is_error: bool = False) -> Console:
    """Return a console for standard output or standard error.

    NO_COLOR removes colours and all other styles, whatever FORCE_COLOR says.
    """
    plain = bool(os.environ.get("NO_COLOR"))
    console = Console(
        stderr=is_error,
        highlight=False,
        # a line number in a path, such as ":100:", is no emoji
        emoji=False,
        soft_wrap=True,
        color_system=None if plain else "auto",
        force_terminal=(sys.stderr if is_error else sys.stdout).isatty() if plain else None,
    )
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = PIPED_WIDTH
    return console
