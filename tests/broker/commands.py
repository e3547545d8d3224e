"""The broker's commands, run in the test process."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

from broker.__main__ import main


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object) -> CommandResult:
    """Run `python -m broker` with arguments other than those of `serve`."""
    stdout, stderr = StringIO(), StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = main([str(argument) for argument in arguments])
    return CommandResult(code, stdout.getvalue(), stderr.getvalue())
