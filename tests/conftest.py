"""Brokers that tests may kill, and checkouts of the project that tests may break."""

from __future__ import annotations

import functools
import select
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gate.checkout import Checkout, git

# Loading the CA bundle costs 40 ms for each httpx client, of which a test process creates hundreds for plain HTTP.
ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]
pytest_plugins = ["tests.integration.pact_coverage"]
START_TIMEOUT_SECONDS = 30.0
REPOSITORY = Path(__file__).parents[1]
COPIED_FOLDERS = ("pacts", "schemas", *(path.parent.name for path in REPOSITORY.glob("*/__init__.py")))
"""What the gate needs of a checkout: the data, and every package except tests and benchmarks."""
CONSUMER = "voicehive-orchestrator"

Start = Callable[..., subprocess.Popen[str]]
Listening = Callable[[subprocess.Popen[str]], str]
CreateCheckout = Callable[..., Checkout]


@pytest.fixture
def start_broker() -> Iterator[Start]:
    """Start `python -m broker` on a database; all brokers are killed at the end."""
    processes: list[subprocess.Popen[str]] = []

    def start(database: Path, port: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "broker", "--port", str(port), "--database", str(database)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def wait_for_broker_url() -> Callable[[subprocess.Popen[str]], str]:
    """Return a function that waits until a broker prints where it listens."""
    return _read_address


def _read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT_SECONDS)
    assert ready, "the broker did not print its address"
    line = process.stdout.readline()
    return line.split()[-1]


@pytest.fixture
def create_checkout(tmp_path: Path) -> CreateCheckout:
    """Return a function that copies the project with the expectations of some vendors only, as one commit on main."""

    def create(*vendors: str, name: str = "checkout") -> Checkout:
        folder = tmp_path / name
        for part in COPIED_FOLDERS:
            shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for package in (folder / "consumer_tests").glob("*/"):
            if vendors and package.name not in vendors:
                shutil.rmtree(package)
                (folder / f"pacts/{CONSUMER}-{package.name}.json").unlink()
        suite = folder / "tests/integration/test_small.py"
        suite.parent.mkdir(parents=True)
        suite.write_text("def test_small() -> None:\n    assert True\n")
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -p xdist -p no:cacheprovider\n")
        (folder / ".gitignore").write_text("__pycache__/\nbuild/\n")
        git(folder, "init", "--quiet", "--initial-branch", "main")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "the project")
        return Checkout(folder)

    return create


@pytest.fixture
def checkout(create_checkout: CreateCheckout) -> Checkout:
    """The project with all vendors, as one commit on main."""
    return create_checkout()


@pytest.fixture
def small_checkout(create_checkout: CreateCheckout) -> Checkout:
    """The project with the expectations of two vendors, as one commit on main."""
    return create_checkout("tts", "vault")
