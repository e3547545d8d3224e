"""The checks at the end of a session: when they are made, and how a difference fails the session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gate.junit import read_report

CHECKOUT = Path(__file__).parents[2]
CONFTEST = """
from pathlib import Path
from contract_usage import pytest_plugin, session_coverage
from contract_usage.demands import Interaction
from contract_usage.exceptions import Exceptions
from contract_usage.exchanges import Exchange

ROOM = Exchange("livekit", "CreateRoom", 200)
pytest_plugin.SUITES = Path(__file__).parent
DEMANDS = {ROOM: [Interaction("a room", frozenset({"$.sid", "$.name"}))]}
pytest_plugin.read_demands = session_coverage.read_demands = lambda _folder: DEMANDS
pytest_plugin.read_exceptions = lambda: Exceptions({})
session_coverage.read_unexercised = lambda: {"livekit": frozenset(LISTED)}
pytest_plugins = ["contract_usage.pytest_plugin"]
"""
SUITE = """
import os
from pathlib import Path
import pytest
from contract_usage.exchanges import Exchange, Instance
from contract_usage.interaction_log import InteractionLog
from contract_usage.usage_log import UsageLog
from contract_usage.uses import Use

def test_service():
    assert os.environ["SERVICE_MODULE"] == "contract_usage.service"
    log = UsageLog(Path(os.environ["CONTRACT_USAGE_FOLDER"]))
    report = log.reporter(Instance(Exchange("livekit", "CreateRoom", 200), ("a room",)))
    for path in PATHS:
        report(path, Use.READ)
    for interaction in INTERACTIONS:
        InteractionLog(Path(os.environ["CONTRACT_USAGE_FOLDER"])).record("livekit", interaction)

@pytest.mark.thorough
def test_thorough():
    pass

@pytest.mark.load
def test_load():
    raise AssertionError
"""
ALL_PATHS = ("$.sid", "$.name")
MISSING = ("livekit: no suite exercises 'a room'", "0.0% of all interactions are exercised")
PROBLEM = "livekit CreateRoom 200 ('a room'): $.name is demanded but never read"


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    """Two suites, of which one exercises an interaction, reads a field of it, and does not read another."""
    folder = tmp_path / "tests/integration"
    folder.mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = -m 'not load and not thorough'\nmarkers =\n  load\n  thorough\n"
    )
    write_suite(folder, ["$.sid"])
    (folder / "test_second.py").write_text("def test_nothing():\n    pass\ndef test_more():\n    pass\n")
    return folder


def write_suite(
    folder: Path, paths: Sequence[str], interactions: Sequence[str] = ("a room",), listed: Sequence[str] = ()
) -> None:
    """Write the suite that reads these fields and exercises these interactions, and the list of exceptions."""
    suite = SUITE.replace("PATHS", repr(paths)).replace("INTERACTIONS", repr(interactions))
    (folder / "conftest.py").write_text(CONFTEST.replace("LISTED", repr(listed)))
    (folder / "test_first.py").write_text(suite)


def run_pytest(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in the folder above the tests, as a user does, with a JUnit report."""
    hidden = ("CONTRACT_USAGE", "SERVICE_MODULE", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    # of the installed plugins only the one that is needed, because the others take seconds to import
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables}
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


def test_no_difference(suites: Path, tmp_path: Path) -> None:
    """The session passes, shows the figures, and keeps them for the gate in the folder that it names."""
    write_suite(suites, ALL_PATHS)

    done = run_pytest(suites, CONTRACT_USAGE_FOLDER=str(tmp_path / "record"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "livekit  1 of 1" in done.stdout
    assert "livekit: 1 of 1 interactions exercised\nall vendors: 100.0% of 1" in done.stdout
    assert "<failure" not in (suites.parents[1] / "report.xml").read_text()
    coverage = json.loads((tmp_path / "record/coverage.json").read_text())
    assert coverage == {"livekit": {"recorded": 1, "missing": []}}


def test_suites_that_are_only_listed(suites: Path) -> None:
    """No test runs and reads a field, so nothing is compared."""
    done = run_pytest(suites, "-n0", "tests/integration", "--collect-only")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "contract usage" not in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("-n0", "tests/integration/test_first.py"),
        ("-n0", "tests/integration", "-k", "not test_more"),
        ("-n0", "tests/integration/test_first.py::test_service", "tests/integration/test_second.py"),
    ],
)
def test_part_of_the_suites(suites: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A part of the suites reads a part of the fields, so nothing is compared, and nothing kept for the gate."""
    done = run_pytest(suites, *arguments, CONTRACT_USAGE_FOLDER=str(tmp_path / "record"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "contract usage" not in done.stdout
    assert "livekit: 1 of 1 interactions exercised\n" in done.stdout
    assert "all vendors" not in done.stdout
    assert (tmp_path / "record").exists()
    assert not (tmp_path / "record/coverage.json").exists()


@pytest.mark.parametrize(
    ("interactions", "listed", "problems", "workers"),
    [
        ([], [], MISSING, "2"),
        (["a room"], ["a room"], ("livekit: 'a room' is listed in ",), "0"),
        (["a room"], ["another"], ("livekit: 'another' is listed in ",), "0"),
        pytest.param([], [], MISSING, "0", marks=pytest.mark.thorough),
    ],
    ids=["missing", "exercised", "unknown", "missing, without workers"],
)
def test_coverage_is_a_check_of_its_own(
    suites: Path,
    monkeypatch: pytest.MonkeyPatch,
    interactions: list[str],
    listed: list[str],
    problems: tuple[str, ...],
    workers: str,
) -> None:
    """A missing interaction and a stale entry fail the session, and stand in the JUnit report."""
    write_suite(suites, ALL_PATHS, interactions, listed)

    done = run_pytest(suites, f"-n{workers}", "tests/integration")

    assert done.returncode == 1, done.stdout + done.stderr
    monkeypatch.chdir(suites.parents[1])
    [failure] = read_report(Path("report.xml"), Path("tests/integration")).failed
    assert failure.node_id == "tests/integration/conftest.py::pact coverage"
    assert len(failure.assertion) == len(problems)
    assert all(map(str.startswith, failure.assertion, problems))


def test_failed_suites(suites: Path) -> None:
    """A failed test may not have read what it would read, so nothing is compared."""
    (suites / "test_second.py").write_text("def test_nothing():\n    raise AssertionError\n")

    done = run_pytest(suites)

    assert done.returncode == 1
    assert "contract usage" not in done.stdout
