"""The console: colours on a terminal only, and no line is wrapped in a file or a pipe."""

from __future__ import annotations

import os

from rich.console import Console

PIPED_WIDTH = 200
"""Columns of a table that is written to a file or a pipe."""


def create_console() -> Console:
    """Return a console for standard output; with NO_COLOR it prints no escape sequence at all."""
    plain = bool(os.environ.get("NO_COLOR"))
    console = Console(highlight=False, soft_wrap=True, color_system=None if plain else "auto")
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = PIPED_WIDTH
    return console
