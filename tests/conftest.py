"""Brokers that tests may kill, and checkouts of the project that tests may break."""

from __future__ import annotations

import compileall
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests.browser import Page, run_browser
from tests.gate.checkout import Checkout, git
from tests.thoroughness import THOROUGH, choose

pytest_plugins = ["contract_usage.pytest_plugin", "tests.integration.pact_coverage"]
# The classes in these modules are collected through the suites' files; pytest rewrites assertions of test files only.
# Here, because tests of other folders import some of them before the suites are collected.
pytest.register_assert_rewrite(
    "tests.integration.auth_flow",
    "tests.integration.call_flow",
    "tests.integration.error_recovery",
    "tests.integration.performance",
    "tests.integration.pms_connector",
    "tests.integration.resilience",
)
START_TIMEOUT_SECONDS = 120.0
REPOSITORY = Path(__file__).parents[1]
COPIED_FOLDERS = ("pacts", "schemas", *(path.parent.name for path in REPOSITORY.glob("*/__init__.py")))
"""What the gate needs of a checkout: the data, and every package except tests and benchmarks."""
CONSUMER = "voicehive-orchestrator"
WORKERS_PER_CPU = 2
"""Many tests wait for a time-out, a restart or a service of their own: with 1.5 workers a CPU, a quarter of it is idle."""

# Everything but a deployment that the suites are pointed at is on loopback without TLS. One certificate instead of all
# of the system's saves each HTTP client and each call of the official CLI the 50 ms in which it reads them.
if not os.environ.get("ORCHESTRATOR_URL"):
    os.environ.pop("SSL_CERT_DIR", None)
    os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("certificate.pem"))

# Hypothesis 6 also takes examples from the constants of all modules of the project that are loaded: the examples of a test
# would depend on what else its process runs, and each process would parse the project for two seconds.
vars(providers)["is_local_module_file"] = lambda _path: False

# the same examples in every run: a test must not fail by chance, nor because the machine is slow
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("repeatable"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

Start = Callable[..., subprocess.Popen[str]]
Listening = Callable[[subprocess.Popen[str]], str]
CreateCheckout = Callable[..., Checkout]


def pytest_xdist_auto_num_workers() -> int | None:
    """Return the number of workers of `-n auto`; None leaves the choice to PYTEST_XDIST_AUTO_NUM_WORKERS."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    return (os.cpu_count() or 1) * WORKERS_PER_CPU


def pytest_report_header() -> str:
    """Say how much this run tries, because a normal run does not select the tests marked `thorough`."""
    return f"cases: {choose('those of a normal run (THOROUGH=1: all)', 'all')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a thorough run tries; move slow tests to the front, so that no worker ends with a long one."""
    if not THOROUGH:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("thorough")])
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def start_broker() -> Iterator[Start]:
    """Start `python -m broker` on a database; all brokers are killed at the end."""
    processes: list[subprocess.Popen[str]] = []

    def start(database: Path, port: int = 0, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "broker", "--port", str(port), "--database", str(database), *options]
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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of a headless browser, one for all tests of a module, because its start takes a second."""
    with run_browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="session")
def checkout_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], Path]:
    """Return a function that makes a checkout with the expectations of some vendors; tests work on copies of it."""

    @cache
    def template(vendors: tuple[str, ...]) -> Path:
        folder = tmp_path_factory.mktemp("template") / "checkout"
        for part in COPIED_FOLDERS:
            shutil.copytree(REPOSITORY / part, folder / part)
        for package in (folder / "consumer_tests").glob("[a-z]*/"):
            if vendors and package.name not in vendors:
                shutil.rmtree(package)
                (folder / f"pacts/{CONSUMER}-{package.name}.json").unlink()
        suite = folder / "tests/integration/test_small.py"
        suite.parent.mkdir(parents=True)
        suite.write_text("def test_small() -> None:\n    assert True\n")
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -p xdist -p no:cacheprovider\n")
        (folder / ".gitignore").write_text("__pycache__/\nbuild/\n")
        # each copy is started several times; without bytecode every first start would compile the project
        compileall.compile_dir(folder, quiet=2)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "the project")
        return folder

    return template


@pytest.fixture
def create_checkout(checkout_template: Callable[[tuple[str, ...]], Path], tmp_path: Path) -> CreateCheckout:
    """Return a function that copies the project with the expectations of some vendors only, as one commit on main."""

    def create(*vendors: str, name: str = "checkout", broker: str | None = None) -> Checkout:
        # with the times of the files, which Python compares with those in the bytecode
        return Checkout(shutil.copytree(checkout_template(vendors), tmp_path / name), broker)

    return create
