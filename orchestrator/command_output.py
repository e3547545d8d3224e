"""What the commands of `python -m orchestrator` have in common: exit codes, and how lines and errors are printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NoReturn

import typer

FAILED, INVALID = 1, 2
"""Exit codes: the command failed; the command line, a file or the environment is wrong."""


def print_lines(lines: Iterable[str], *, to_stderr: bool = False) -> None:
    """Print lines, with everything escaped that could control the terminal, or that it cannot show.

    The only place that prints: a file or a vendor may have written any part of a line.
    """
    encoding = (sys.stderr if to_stderr else sys.stdout).encoding
    for line in lines:
        shown = "".join(map(_escape, line)).encode(encoding, "backslashreplace").decode(encoding)
        typer.echo(shown, err=to_stderr)


def fail(code: int, lines: Iterable[str]) -> NoReturn:
    """Print lines to stderr and end the command with an exit code."""
    print_lines(lines, to_stderr=True)
    raise typer.Exit(code)


def _escape(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
