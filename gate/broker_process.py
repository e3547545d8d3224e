"""The broker that the gate uses: the one that `PACT_BROKER_BASE_URL` names, or an embedded one."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gate.errors import GateError
from local_stack.exit_with_parent import child_command
from pact_broker_client.client import BrokerClient, BrokerError

URL_VARIABLE = "PACT_BROKER_BASE_URL"
URL_HINT = f"check {URL_VARIABLE}, or unset it to use the embedded broker"

START_TIMEOUT_SECONDS = 60.0
"""Time the embedded broker has to print its address: many times what it needs on a quiet machine."""

STOP_TIMEOUT_SECONDS = 10.0


@contextmanager
def running_broker(database: Path) -> Iterator[str]:
    """Yield the broker's URL; the embedded broker runs as long as the block.

    Args:
        database: the embedded broker's file. It is kept: later runs need the results and deployments in it.

    Raises:
        GateError: if the broker does not respond, the embedded one does not start, or the variable is empty in CI.
    """
    if url := configured_url():
        _check(url)
        yield url
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(  # noqa: S603 - fixed command
        # any free port, because gates of several checkouts may run at the same time
        child_command("broker", "--port", "0", "--database", str(database)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _read_address(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def configured_url() -> str | None:
    """Return the URL in `PACT_BROKER_BASE_URL`, None if the embedded broker is to be used.

    Raises:
        GateError: if the variable is empty in CI. A secret that is missing there must not lead to a verdict of a broker
            that knows nothing.
    """
    url = os.environ.get(URL_VARIABLE)
    if url is None or url.strip():
        return url and url.strip()
    if os.environ.get("CI"):
        raise GateError(
            f"{URL_VARIABLE} is set but empty",
            "set it to the broker's URL, or unset it to use the embedded broker",
        )
    return None


def _check(url: str) -> None:
    try:
        with BrokerClient(url) as client:
            index = client.get("/")
    except BrokerError as error:
        raise GateError(str(error), URL_HINT) from None
    # the link that the official CLI publishes by
    if index is None or "pb:publish-contracts" not in index.get("_links", {}):
        raise GateError(f"the server at {url} is not a Pact Broker", URL_HINT)


def _read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    # readline alone would wait for ever for a broker that prints nothing
    ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT_SECONDS)
    line = process.stdout.readline() if ready else ""
    if "http://" not in line:
        process.kill()
        output, errors = process.communicate()
        printed = (line + output + errors).strip()
        if not ready:
            raise GateError(
                f"the embedded broker did not start within {START_TIMEOUT_SECONDS:g} s"
                + (f": {printed}" if printed else ""),
                "run the command again when the machine is less busy",
            )
        reason = printed or "it printed nothing"
        raise GateError(
            f"the embedded broker did not start: {reason}", "run 'make broker' to start it by itself"
        )
    return line[line.index("http://") :].strip()
