"""What the commands of `python -m orchestrator` have in common: exit codes, and how an error is reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import typer

FAILED, INVALID = 1, 2
"""Exit codes: the command failed; the command line, a file or the environment is wrong."""


def fail(code: int, lines: Iterable[str]) -> NoReturn:
    """Print lines to stderr and end the command with an exit code."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)
