"""A program that judges mutants of one module by its tests, each in a fork of a process that has collected the tests.

It reads pickled mutants and the files of the tests from standard input, and writes what caught each.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from contract_strength.ast_mutations import SourceMutant
from contract_strength.code_replacement import replace_code
from contract_strength.mutant_import import forget, mutated

CHECKOUT = Path(__file__).parents[1]
TIMEOUT_SECONDS = 120
"""A mutant may loop for ever; under load, a run of its tests takes seconds."""
OPTIONS = (
    "--noconftest",
    "--import-mode=importlib",
    "--capture=no",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
)
"""Without the plugins and fixtures of the project, which take longer than the tests of a decision."""
FIXTURES = {"monkeypatch", "request", "tmp_path", "tmp_path_factory"}
"""Those of pytest itself, which tests of decisions may use."""
Judge = Callable[[], str | None]
"""Returns what catches a mutant, or None."""


class FirstFailure:
    """A plugin of pytest that runs the tests without fixtures of the project, and keeps the first that fails."""

    text: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the tests that need more."""
        items[:] = [item for item in items if _fixtures(item) <= FIXTURES]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the first failure."""
        if report.failed and self.text is None:
            self.text = f"{report.nodeid} fails"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the first failure."""
        if report.failed and self.text is None:
            self.text = f"{report.nodeid} cannot be imported"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests in place of pytest's own loop."""
        self.run(session.items)
        return True

    def run(self, items: Sequence[pytest.Item]) -> str | None:
        """Run tests up to the first failure and return it."""
        for item in items:
            if self.text is not None:
                break
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        return self.text


class ForkingJudge(FirstFailure):
    """Runs the tests as they are, and then once for each mutant in a child process.

    Args:
        mutants: the mutants of the module.
        folder: for the verdict of a child.
    """

    def __init__(self, mutants: Sequence[SourceMutant], folder: Path) -> None:
        self._mutants, self._folder = mutants, folder
        self.caught_by: list[str | None] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests without and with each mutant."""
        # twice, because a test that fails when it is repeated would catch every mutant
        if self.run(session.items) is None and self.run(session.items) is None:
            # else the children copy the memory of the parent, whose objects their garbage collector marks
            gc.collect()
            gc.freeze()
            self.caught_by = [
                _in_child(partial(self._judge, mutant, session.items), self._folder)
                for mutant in self._mutants
            ]
        return True

    def _judge(self, mutant: SourceMutant, items: Sequence[pytest.Item]) -> str | None:
        replace_code(mutant)
        return self.run(items)


def _fixtures(item: pytest.Item) -> set[str]:
    """Return the names of a test's fixtures, without the parameters of its cases."""
    case = getattr(item, "callspec", None)
    return set(getattr(item, "fixturenames", ())) - set(case.params if case else ())


def _run_pytest(tests: Sequence[str], folder: Path, plugin: FirstFailure) -> str | None:
    """Return the first failure of the tests, None if they pass."""
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n")
    options = [*OPTIONS, "-c", str(settings), f"--rootdir={CHECKOUT}", f"--basetemp={folder / 'tests'}"]
    code = pytest.main([*options, *(str(CHECKOUT / test) for test in tests)], plugins=[plugin])
    return plugin.text or (None if code == pytest.ExitCode.OK else f"pytest exits with {int(code)}")


def _in_child(judge: Judge, folder: Path) -> str | None:
    """Judge in a child process, which a mutant that loops or exits does not outlive."""
    file = folder / "caught"
    file.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        signal.alarm(TIMEOUT_SECONDS)
        with contextlib.suppress(BaseException):
            file.write_text(json.dumps(judge()))
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(file.read_text()) if file.exists() else "the tests did not end"


def _judge_by_import(mutant: SourceMutant, tests: Sequence[str], folder: Path) -> str | None:
    """Import everything anew: for what runs at an import, of the module or of its tests."""
    with mutated(mutant):
        return _run_pytest(tests, folder, FirstFailure())


def judge(tests: Sequence[str], mutants: Sequence[SourceMutant], folder: Path) -> list[str | None]:
    """Return what catches each mutant, None for a survivor.

    Raises:
        ValueError: the tests fail without a mutation; the message names the test.
    """
    fast = ForkingJudge(mutants, folder)
    failure = _run_pytest(tests, folder, fast)
    if failure is not None:
        raise ValueError(failure)
    forget("gate", "broker", "tests")
    return [
        caught or _in_child(partial(_judge_by_import, mutant, tests, folder), folder)
        for mutant, caught in zip(mutants, fast.caught_by, strict=True)
    ]


def _main() -> None:
    tests, mutants = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the parent process
    output = os.dup(1)
    with Path(os.devnull).open("w") as null, tempfile.TemporaryDirectory() as folder:
        os.dup2(null.fileno(), 1)
        os.dup2(null.fileno(), 2)
        try:
            judged = judge(tests, mutants, Path(folder))
        except ValueError as error:
            os.write(output, f"without a mutation: {error}".encode())
            raise SystemExit(1) from None
    os.write(output, json.dumps(judged).encode())


if __name__ == "__main__":
    _main()
