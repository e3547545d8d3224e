"""The official Pact CLI, handed on to: `pact-broker publish …` is its `pact broker publish …`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gate.errors import GateError

RETRIES = "4"
"""How often the CLI tries a broker that answers 5xx: about 4 seconds in all, where its own default takes a minute."""

TIMEOUT = 120.0
"""Seconds one CLI command may take."""


def pact_binary() -> str:
    """The path of the `pact` program of this environment.

    Raises:
        GateError: it is not installed.
    """
    beside = Path(sys.executable).with_name("pact")
    found = str(beside) if beside.exists() else shutil.which("pact")
    if not found:
        raise GateError(
            "the official Pact CLI ('pact') is not installed",
            "run 'make setup', or install the package pact-python-cli into this environment",
        )
    return found


def cli_environment() -> dict[str, str]:
    """The CLI's environment: ours, without its telemetry and with bounded retries."""
    return {"PACT_BROKER_HTTP_RETRIES": RETRIES, **os.environ, "PACT_DO_NOT_TRACK": "true"}


def run_pact_broker(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `pact broker …` and give its output and exit code.

    Raises:
        GateError: it is not installed, or took longer than `TIMEOUT`.
    """
    command = [pact_binary(), "broker", *arguments]
    try:
        return subprocess.run(  # noqa: S603 - the arguments are ours, and no shell reads them
            command, capture_output=True, text=True, env=cli_environment(), timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise GateError(
            f"'pact broker {arguments[0]}' took longer than {TIMEOUT:.0f} s",
            "see whether the broker answers: open its URL in a browser",
        ) from None


def main() -> None:
    """The console script `pact-broker`: becomes the official CLI, so exit code and output are its own."""
    try:
        binary = pact_binary()
    except GateError as error:
        sys.exit(f"{error}: {error.advice}")
    os.execve(binary, [binary, "broker", *sys.argv[1:]], cli_environment())  # noqa: S606 - no shell is wanted
