"""The suites' modules are compiled beside the first steps of the gate."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from gate.compilation import compiling_suites
from tests.integration.waiting import wait_until

BYTECODE = Path("tests/integration/__pycache__")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one suite, as the current folder."""
    (tmp_path / BYTECODE.parent).mkdir(parents=True)
    (tmp_path / BYTECODE.parent / "test_small.py").write_text("def test_small() -> None: ...\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    # the suites ignore a setting that selects tests
    monkeypatch.setenv("PYTEST_ADDOPTS", "--ignore=tests")
    return tmp_path


def test_suites_are_compiled_before_they_run(checkout: Path) -> None:
    """Pytest rewrites the tests' assertions, and keeps what it has compiled."""
    with compiling_suites():
        wait_until(
            lambda: any((checkout / BYTECODE).glob("test_small.*-pytest-*.pyc")), "the suite is compiled"
        )


def test_compilation_ends_with_the_steps(checkout: Path) -> None:  # noqa: ARG001 - the current folder
    """An error in a step does not wait for it."""
    with pytest.raises(RuntimeError, match="a step failed"), compiling_suites() as processes:
        raise RuntimeError("a step failed")

    assert [process.returncode for process in processes] == [-signal.SIGTERM, -signal.SIGTERM]


def test_compiled_suites_are_not_compiled_again(checkout: Path) -> None:
    """A later run of the gate starts no process for it."""
    (checkout / BYTECODE).mkdir()

    with compiling_suites() as processes:
        assert processes == []
