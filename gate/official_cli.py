"""The official Pact CLI: `pact-broker …` runs its `pact broker …`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gate.errors import GateError

RETRIES = "4"
"""Attempts of the CLI at a broker that responds with 5xx: about 4 s in all; its own default takes a minute."""

TIMEOUT_SECONDS = 120.0
"""Limit for one CLI command."""


def pact_binary() -> str:
    """Return the path of the `pact` program of this environment.

    Raises:
        GateError: if it is not installed.
    """
    # beside the interpreter first, because PATH may hold the CLI of another environment
    sibling = Path(sys.executable).with_name("pact")
    path = str(sibling) if sibling.exists() else shutil.which("pact")
    if not path:
        raise GateError(
            "the official Pact CLI ('pact') is not installed",
            "run 'make setup', or install the package pact-python-cli into this environment",
        )
    return path


def cli_environment() -> dict[str, str]:
    """Return the CLI's environment: this process's, without telemetry and with bounded retries."""
    # the user's own number of retries wins, but telemetry stays off
    return {"PACT_BROKER_HTTP_RETRIES": RETRIES, **os.environ, "PACT_DO_NOT_TRACK": "true"}


def run_pact_broker(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `pact broker …` and return its output and exit code.

    Raises:
        GateError: if it is not installed, was killed by a signal or exceeded `TIMEOUT_SECONDS`.
    """
    command = [pact_binary(), "broker", *arguments]
    try:
        process = subprocess.run(  # noqa: S603 - fixed commands, no shell
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=cli_environment(),
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GateError(
            f"'pact broker {arguments[0]}' took longer than {TIMEOUT_SECONDS:.0f} s",
            "check whether the broker responds: open its URL in a browser",
        ) from None
    # not a result: the caller would read any code but 0 as no
    if process.returncode < 0:
        raise GateError(
            f"'pact broker {arguments[0]}' was killed by signal {-process.returncode}",
            "run the command again",
        )
    return process


def output_of(process: subprocess.CompletedProcess[str]) -> str:
    """Return everything a CLI command printed."""
    return (process.stdout + process.stderr).strip()


def main() -> None:
    """Replace this process with the official CLI, so that exit code and output are its own."""
    try:
        binary = pact_binary()
    except GateError as error:
        sys.exit(f"{error}: {error.hint}")
    os.execve(binary, [binary, "broker", *sys.argv[1:]], cli_environment())  # noqa: S606 - no shell is wanted
