"""Brokers as processes that may be killed, and checkouts of the project that may be broken."""

from __future__ import annotations

import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gate.checkout import Checkout, git

pytest_plugins = ["tests.integration.pact_coverage"]
START_DEADLINE = 20.0
REPOSITORY = Path(__file__).parents[1]
COPIED_FOLDERS = (
    "broker",
    "consumer_tests",
    "gate",
    "orchestrator",
    "pact_broker_client",
    "pacts",
    "provider_verification",
    "schemas",
    "vendor_discovery",
)

Start = Callable[..., subprocess.Popen[str]]
Listening = Callable[[subprocess.Popen[str]], str]


@pytest.fixture
def start_broker() -> Iterator[Start]:
    """Starts `python -m broker` on a database; all are killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def starting(database: Path, port: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "broker", "--port", str(port), "--database", str(database)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield starting
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def wait_for_broker_url() -> Callable[[subprocess.Popen[str]], str]:
    """Waits until a broker says where it listens."""
    return _address


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_DEADLINE)
    assert ready, "the broker did not say that it listens"
    line = process.stdout.readline()
    return line.split()[-1]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """The project as it stands, as one commit on main."""
    folder = tmp_path / "checkout"
    for part in COPIED_FOLDERS:
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    suite = folder / "tests/integration/test_small.py"
    suite.parent.mkdir(parents=True)
    suite.write_text("def test_small() -> None:\n    assert True\n")
    (folder / ".gitignore").write_text("__pycache__/\nbuild/\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all of it")
    return Checkout(folder)
