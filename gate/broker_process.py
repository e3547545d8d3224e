"""The broker the gate speaks to: the one `PACT_BROKER_BASE_URL` names, else an embedded one of our own."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gate.errors import GateError
from pact_broker_client.client import BrokerClient, BrokerError

START_DEADLINE = 20.0
"""Seconds the embedded broker has to say that it listens."""

STOP_DEADLINE = 10.0


@contextmanager
def running_broker(database: Path) -> Iterator[str]:
    """The broker's URL, for as long as the block runs.

    Args:
        database: the embedded broker's file; it stays, so that the next gate knows what was deployed.

    Raises:
        GateError: the broker does not answer, or the embedded one does not start.
    """
    configured = os.environ.get("PACT_BROKER_BASE_URL")
    if configured:
        _check(configured)
        yield configured
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "broker", "--port", "0", "--database", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _check(url: str) -> None:
    try:
        with BrokerClient(url) as client:
            index = client.get("/")
    except BrokerError as error:
        raise GateError(
            str(error), "check PACT_BROKER_BASE_URL, or unset it to use the embedded broker"
        ) from None
    if index is None or "pb:publish-contracts" not in index.get("_links", {}):
        raise GateError(
            f"what answers at {url} is no Pact Broker",
            "check PACT_BROKER_BASE_URL, or unset it to use the embedded broker",
        )


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    ready, _, _ = select.select([process.stdout], [], [], START_DEADLINE)
    line = process.stdout.readline() if ready else ""
    if "http://" not in line:
        process.kill()
        _, errors = process.communicate()
        raise GateError(
            f"the embedded broker did not start: {(line + errors).strip() or 'it said nothing'}",
            "run 'make broker' to see it start by itself",
        )
    return line[line.index("http://") :].strip()
