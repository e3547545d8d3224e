"""The suites run once for a version, and a failed test comes with its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.errors import ContractNotMetError
from gate.junit import read_report
from gate.suites import VendorCoverage, cached_result, run_all_tests, run_suites
from gate.version import current_version
from tests.conftest import REPOSITORY
from tests.gate.checkout import Checkout, git

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy

SUITE = "tests/integration/test_small.py"
FAILING = '''"""A suite."""


class TestSmall:
    """Tests."""

    def test_small(self) -> None:
        """Fails."""
        vendors = "a variable whose name contains vendor"
        print("--- errors of vendors ---")
        print("apaleo getReservation: status 422, correlation id 1")
        print("--- another section ---")
        print(vendors)
        assert {"status": 502} == {"status": 200}
'''


def test_failed_test_is_shown_with_its_evidence(vault_checkout: Checkout) -> None:
    """The test, its assertion, the vendor's error, the command that repeats it, the report; and the verdict is no."""
    (vault_checkout.folder / SUITE).write_text(FAILING)

    run = vault_checkout.gate("run")

    assert run.code == 1, run.text
    assert "1 test of the suites failed: tests/integration/test_small.py::TestSmall::test_small" in run.text
    assert "assert {'status': 502} == {'status': 200}" in run.text
    assert "vendor: apaleo getReservation: status 422, correlation id 1" in run.text
    assert run.text.count("vendor: ") == 1
    assert run.text.endswith("must not be deployed to production: 1 test of the suites failed.")
    assert f"Repeat: .venv/bin/python -m pytest '{SUITE}::TestSmall::test_small'" in run.text
    assert "Report: build/suites/report.xml" in run.text
    assert vault_checkout.verdict()["verdict"] == "no"
    assert vault_checkout.verdict()["exit_code"] == 1
    assert (vault_checkout.folder / "build/suites/report.xml").exists()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one suite, as the current folder."""
    (tmp_path / "tests/integration").mkdir(parents=True)
    (tmp_path / SUITE).write_text("def test_small() -> None:\n    assert True\n")
    (tmp_path / "tests/test_other.py").write_text("def test_other() -> None:\n    assert True\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p xdist -p no:cacheprovider\n")
    (tmp_path / ".gitignore").write_text("build/\n__pycache__/\n")
    git(tmp_path, "init", "--initial-branch", "main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--message", "tests")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "0")
    monkeypatch.setenv(
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"
    )  # they take longer to import than these tests run
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_suite_without_tests_is_no(repository: Path) -> None:
    """A pass proves that something ran."""
    (repository / "tests/integration/test_empty.py").write_text("def small() -> None: ...\n")

    with pytest.raises(ContractNotMetError, match="no test ran of test_empty"):
        run_suites(current_version(repository), print)


def test_suites_that_cannot_be_collected_are_no(repository: Path) -> None:
    """A syntax error is not a pass."""
    (repository / SUITE).write_text("def broken(:\n")

    with pytest.raises(ContractNotMetError, match="test_small"):
        run_suites(current_version(repository), print)


def test_suites_run_once_for_a_version(repository: Path) -> None:
    """A result is remembered; a changed tree is another version; progress is reported; the runner is no suite."""
    (repository / "tests/integration/test_runner.py").write_text("def main() -> None: ...\n")
    progress: list[str] = []

    first = run_suites(current_version(repository), progress.append)
    again = run_suites(current_version(repository), progress.append)
    (repository / SUITE).write_text("def test_small() -> None:\n    assert 1\n")
    changed = run_suites(current_version(repository), progress.append)

    assert [result.cached for result in (first, again, changed)] == [False, True, False]
    assert [result.total for result in (first, again, changed)] == [1, 1, 1]
    assert progress == ["100 %", "100 %"]


def test_coverage_of_the_pacts_is_part_of_the_result(repository: Path) -> None:
    """The session writes it to the folder of its record; an earlier run's is not taken for it."""
    (repository / SUITE).write_text(
        """import json, os, pathlib

def test_small() -> None:
    folder = pathlib.Path(os.environ["CONTRACT_USAGE_FOLDER"])
    folder.mkdir()
    (folder / "coverage.json").write_text(json.dumps({"tts": {"recorded": 2, "missing": ["a text"]}}))
"""
    )
    first = run_suites(current_version(repository), print)
    again = run_suites(current_version(repository), print)
    (repository / SUITE).write_text("def test_small() -> None: ...\n")
    without = run_suites(current_version(repository), print)

    assert first.coverage == again.coverage == {"tts": VendorCoverage(2, ["a text"])}
    assert (again.cached, without.coverage) == (True, {})


def test_all_tests_and_the_gate_share_the_result_of_the_suites(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`make test`, then `make gate` and `make test` again: the suites run once."""
    version = current_version(repository)
    code = run_all_tests(version)
    first = capfd.readouterr().out

    result = run_suites(version, print)
    code_again = run_all_tests(version)

    assert (code, code_again, result.cached) == (0, 0, True)
    assert "2 passed" in first
    assert "1 passed" in capfd.readouterr().out


def test_result_of_the_suites_is_remembered_if_another_test_fails(repository: Path) -> None:
    """Only the suites' tests decide about the suites, and the exit code stays that of all tests."""
    (repository / "tests/test_other.py").write_text("def test_other() -> None:\n    assert False\n")
    version = current_version(repository)

    code = run_all_tests(version)

    assert code == 1
    assert cached_result(version) is not None


@pytest.mark.parametrize(
    "options",
    [
        "-k small",
        pytest.param("-k other", marks=pytest.mark.thorough),
        pytest.param("-m slow", marks=pytest.mark.thorough),
    ],
)
def test_selected_tests_are_not_taken_for_the_suites(
    repository: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    """A selection of tests says nothing about the others."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    version = current_version(repository)

    run_all_tests(version)

    assert cached_result(version) is None


def test_report_counts_only_tests_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of all tests holds others too; a skipped test did not pass."""
    monkeypatch.chdir(tmp_path)
    Path("suites").mkdir()
    Path("suites/test_a.py").touch()
    cases = [
        '<testcase classname="suites.test_a.TestX" name="test_1[a.b]"/>',
        '<testcase classname="suites.test_a" name="test_2"><skipped/></testcase>',
        '<testcase classname="suites.test_a" name="test_3[x]"><failure message="boom"/></testcase>',
        '<testcase classname="tests.test_b" name="test_4"><failure message="boom"/></testcase>',
    ]
    Path("report.xml").write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")

    report = read_report(Path("report.xml"), Path("suites"))

    assert report.passed == {"test_a": 1}
    assert [(test.node_id, test.assertion) for test in report.failed] == [
        ("suites/test_a.py::test_3[x]", ("boom",))
    ]
