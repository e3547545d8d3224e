"""The comparison at the end of a session: when it is made, and how a difference fails the session."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gate.junit import read_report

CHECKOUT = Path(__file__).parents[2]
CONFTEST = """
from pathlib import Path
from contract_usage import pytest_plugin
from contract_usage.demands import Interaction
from contract_usage.exceptions import Exceptions
from contract_usage.exchanges import Exchange

ROOM = Exchange("livekit", "CreateRoom", 200)
pytest_plugin.SUITES = Path(__file__).parent
pytest_plugin.read_demands = lambda _folder: {ROOM: [Interaction("a room", frozenset({"$.sid", "$.name"}))]}
pytest_plugin.read_exceptions = lambda: Exceptions({})
pytest_plugins = ["contract_usage.pytest_plugin"]
"""
SUITE = """
import os
from pathlib import Path
import pytest
from contract_usage.exchanges import Exchange
from contract_usage.usage_log import UsageLog

def test_service():
    assert os.environ["SERVICE_MODULE"] == "contract_usage.service"
    log = UsageLog(Path(os.environ["CONTRACT_USAGE_FOLDER"]))
    for path in PATHS:
        log.record(Exchange("livekit", "CreateRoom", 200), path)

@pytest.mark.load
def test_load():
    raise AssertionError
"""
PROBLEM = "livekit CreateRoom 200 ('a room'): $.name is demanded but never read"


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    """Two suites, of which one reads a field that is demanded, and does not read another."""
    folder = tmp_path / "tests/integration"
    folder.mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -m 'not load'\nmarkers = load\n")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_first.py").write_text(SUITE.replace("PATHS", '["$.sid"]'))
    (folder / "test_second.py").write_text("def test_nothing():\n    pass\ndef test_more():\n    pass\n")
    return folder


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in the folder above the tests, as a user does, with a JUnit report."""
    hidden = ("CONTRACT_USAGE", "SERVICE_MODULE", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    # of the installed plugins only the one that is needed, because the others take seconds to import
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    options = ("-q", "-p", "xdist", "-p", "no:cacheprovider", "--junit-xml=report.xml")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(arguments or ("-n0", "tests/integration"))],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder.parents[1],
        check=False,
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_difference(suites: Path, monkeypatch: pytest.MonkeyPatch, workers: str) -> None:
    """It fails the session and stands in the JUnit report, with and without workers."""
    done = run_pytest(suites, f"-n{workers}", "tests/integration")

    assert done.returncode == 1, done.stdout + done.stderr
    assert PROBLEM in done.stdout
    monkeypatch.chdir(suites.parents[1])
    report = read_report(Path("report.xml"), Path("tests/integration"))
    [failure] = report.failed
    assert failure.node_id == "tests/integration/conftest.py::contract usage"
    assert failure.assertion == (PROBLEM,)
    assert report.passed == {"test_first": 1, "test_second": 2}


def test_no_difference(suites: Path) -> None:
    """The session passes, and shows the figures."""
    (suites / "test_first.py").write_text(SUITE.replace("PATHS", '["$.sid", "$.name"]'))

    done = run_pytest(suites)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "livekit  1 of 1" in done.stdout
    assert "<failure" not in (suites.parents[1] / "report.xml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-n0", "tests/integration/test_first.py"),
        ("-n0", "tests/integration", "-k", "not test_more"),
        ("-n0", "tests/integration/test_first.py::test_service", "tests/integration/test_second.py"),
    ],
)
def test_part_of_the_suites(suites: Path, arguments: tuple[str, ...]) -> None:
    """A part of the suites reads a part of the fields, so nothing is compared."""
    done = run_pytest(suites, *arguments)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "contract usage" not in done.stdout


def test_failed_suites(suites: Path) -> None:
    """A failed test may not have read what it would read, so nothing is compared."""
    (suites / "test_second.py").write_text("def test_nothing():\n    raise AssertionError\n")

    done = run_pytest(suites)

    assert done.returncode == 1
    assert "contract usage" not in done.stdout
