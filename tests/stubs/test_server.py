"""Stub servers as processes: they end with the process that started them."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DEADLINE = 30.0
STUBS = ["provider_verification.stubs", "tts"]
STUB_SERVER = ["benchmarks.stub_server", "tts", "checked"]
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", *sys.argv[1:]])
child.wait()
"""


def read_line(process: subprocess.Popen[bytes]) -> bytes:
    """Return the next line of output; fail after the deadline."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], DEADLINE)[0], "no output before the deadline"
    return process.stdout.readline()


@pytest.mark.parametrize(
    ("signal_number", "command"),
    [
        (signal.SIGKILL, STUBS),
        (signal.SIGTERM, STUB_SERVER),
        pytest.param(signal.SIGTERM, STUBS, marks=pytest.mark.thorough),
        pytest.param(signal.SIGKILL, STUB_SERVER, marks=pytest.mark.thorough),
    ],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else value[0],
)
def test_server_ends_when_its_parent_is_killed(
    tmp_path: Path, command: list[str], signal_number: signal.Signals
) -> None:
    """The server holds the output pipe open: the end of the pipe is the end of the server."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    with parent:
        assert read_line(parent)
        parent.send_signal(signal_number)
        parent.wait(DEADLINE)
        while read_line(parent):
            pass

    assert not (tmp_path / "build/stubs.json").exists()
