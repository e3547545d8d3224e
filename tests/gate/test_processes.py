"""Nothing that the gate started outlives it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gate import broker_process
from gate.errors import GateError
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


@pytest.mark.parametrize(
    ("script", "timeout", "message", "hint"),
    [
        ("import time; time.sleep(60)", 0.0, "did not start within 0 s", "when the machine is less busy"),
        ("", 60.0, "did not start: it printed nothing", "run 'make broker'"),
        ("print('the port is in use')", 60.0, "did not start: the port is in use", "run 'make broker'"),
    ],
    ids=["slow", "silent", "failed"],
)
def test_broker_that_does_not_start_is_described(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, timeout: float, message: str, hint: str
) -> None:
    """A broker that is not ready in time needs another advice than one that ended; none is left running."""
    monkeypatch.delenv("PACT_BROKER_BASE_URL", raising=False)
    monkeypatch.setattr(broker_process, "START_TIMEOUT_SECONDS", timeout)
    monkeypatch.setattr(broker_process, "child_command", lambda *_: [sys.executable, "-c", script])

    with (
        pytest.raises(GateError, match=f"the embedded broker {message}") as error,
        broker_process.running_broker(tmp_path / "broker.sqlite"),
    ):
        pass

    assert hint in error.value.hint
