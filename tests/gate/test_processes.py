"""Nothing that the gate started outlives it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import CreateCheckout
from tests.processes import descendants_of, wait_until, wait_until_ended

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy


def test_killed_gate_leaves_no_process(create_checkout: CreateCheckout) -> None:
    """SIGKILL while the vendors are being verified: the embedded broker and the stubs end too."""
    checkout = create_checkout("tts", "vault")
    gate = subprocess.Popen(
        [sys.executable, "-m", "gate", "run"],
        cwd=checkout.folder,
        env=checkout.environment(),
        stdout=subprocess.DEVNULL,
    )
    assert wait_until(lambda: len(descendants_of(gate.pid)) >= 3), (
        "the broker and two verifications should run"
    )
    children = descendants_of(gate.pid)

    gate.kill()
    gate.wait()

    assert [child for child in children if not wait_until_ended(child)] == []
