"""The suites run once for a version, and a failed test comes with its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.junit import read_report
from tests.conftest import CreateCheckout
from tests.gate.checkout import Checkout

SUITE = "tests/integration/test_small.py"
FAILING = '''"""A suite."""


class TestSmall:
    """Tests."""

    def test_small(self) -> None:
        """Fails."""
        print("vendor apaleo: GET /booking/v1/reservations/1 responded 422")
        assert {"status": 502} == {"status": 200}
'''


@pytest.fixture
def vault_checkout(create_checkout: CreateCheckout) -> Checkout:
    """The project with the expectations of one vendor."""
    return create_checkout("vault")


def test_failed_test_is_shown_with_its_evidence(vault_checkout: Checkout) -> None:
    """The test, its assertion, the vendor's error, the command that repeats it, the report; and the verdict is no."""
    (vault_checkout.folder / SUITE).write_text(FAILING)

    run = vault_checkout.gate("run")

    assert run.code == 1, run.text
    assert "1 test of the suites failed: tests/integration/test_small.py::TestSmall::test_small" in run.text
    assert "assert {'status': 502} == {'status': 200}" in run.text
    assert "vendor: vendor apaleo: GET /booking/v1/reservations/1 responded 422" in run.text
    assert f"Repeat: .venv/bin/python -m pytest '{SUITE}::TestSmall::test_small'" in run.text
    assert "Report: build/suites/report.xml" in run.text
    assert vault_checkout.verdict()["verdict"] == "no"
    assert vault_checkout.verdict()["exit_code"] == 1
    assert (vault_checkout.folder / "build/suites/report.xml").exists()


def test_suite_without_tests_is_no(vault_checkout: Checkout) -> None:
    """A pass proves that something ran."""
    vault_checkout.edit(SUITE, "def test_small", "def small")

    run = vault_checkout.gate("run")

    assert run.code == 1
    assert "the suites did not run" in run.text or "no test ran of test_small" in run.text


def test_suites_run_once_for_a_version(vault_checkout: Checkout) -> None:
    """A result is remembered; a changed tree is another version; progress is printed without a terminal."""
    first = vault_checkout.gate("run")
    again = vault_checkout.gate("run")
    vault_checkout.edit(SUITE, "assert True", "assert 1")
    changed = vault_checkout.gate("run")

    assert [run.code for run in (first, again, changed)] == [0, 0, 0]
    assert ["already run for this version" in run.text for run in (first, again, changed)] == [
        False,
        True,
        False,
    ]
    assert "suites 100 %" in first.text


def test_all_tests_and_the_gate_share_the_result_of_the_suites(vault_checkout: Checkout) -> None:
    """`make test`, then `make gate` and `make test` again: the suites run once."""
    other = vault_checkout.folder / "tests/test_other.py"
    other.write_text("def test_other() -> None:\n    assert True\n")
    tests = vault_checkout.gate("test")

    gate = vault_checkout.gate("run")
    again = vault_checkout.gate("test")

    assert (tests.code, gate.code, again.code) == (0, 0, 0), tests.text
    assert "already run for this version" in gate.text
    assert "2 passed" in tests.text
    assert "1 passed" in again.text


def test_filtered_tests_are_not_taken_for_the_suites(vault_checkout: Checkout) -> None:
    """A selection of tests says nothing about the others."""
    tests = vault_checkout.gate("test", PYTEST_ADDOPTS="-k small")

    assert tests.code == 0, tests.text
    assert not list((vault_checkout.folder / "build/suites").glob("*.json"))


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
