"""Nothing that the gate started outlives it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import CreateCheckout
from tests.local_stack.test_exit_with_parent import is_running, wait_until_ended

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy

TIMEOUT_SECONDS = 60.0


def children_of(pid: int) -> list[int]:
    """Return the running child processes of a process."""
    children = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            children.append(int(status.parent.name))
    return children


def test_killed_gate_leaves_no_process(create_checkout: CreateCheckout) -> None:
    """SIGKILL while the vendors are being verified: the embedded broker and the stubs end too."""
    checkout = create_checkout("tts", "vault")
    gate = subprocess.Popen(
        [sys.executable, "-m", "gate", "run"],
        cwd=checkout.folder,
        env=checkout.environment(),
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(children := children_of(gate.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(children) >= 3, "the broker and two verifications should run"

    gate.kill()
    gate.wait()

    assert [child for child in children if not wait_until_ended(child)] == []
    assert not is_running(gate.pid)
