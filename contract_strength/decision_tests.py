"""Judges mutants of decisions by the unit tests of their modules, each in a fork of a process that has imported pytest.

As a program, it reads pickled mutants of one module and the tests from standard input, and writes what caught each.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from contract_strength.ast_mutations import SourceMutant, SourceTree
from contract_strength.decision_operators import decision_changes
from contract_strength.mutant import Mutant, NoVerdictError, Result
from contract_strength.mutant_import import forget, mutated

CHECKOUT = Path(__file__).parents[1]
DECISIONS: dict[str, tuple[str, ...]] = {
    "gate.verdict": ("tests/gate/test_verdict.py",),
    "broker.domain.can_i_deploy": ("tests/broker/test_can_i_deploy.py",),
    "broker.domain.matrix": ("tests/broker/test_matrix.py",),
    "broker.domain.pending": ("tests/broker/test_pending.py", "tests/broker/test_pending_by_tag.py"),
    "broker.domain.selectors": ("tests/broker/test_selectors.py", "tests/broker/test_selector_errors.py"),
}
"""The modules that decide, and the tests that must catch their mutants."""
TIMEOUT_SECONDS = 120
"""A mutant may loop for ever; under load, a run of its tests takes seconds."""
OPTIONS = ("-x", "-q", "--no-header", "--noconftest", "--import-mode=importlib", "-p", "no:cacheprovider")
"""Without the plugins and fixtures of the project: what decides is a function, and so is what tests it."""


def decision_mutants(module: str) -> list[SourceMutant]:
    """Return all mutants of a module that decides."""
    source = SourceTree(module, CHECKOUT / f"{module.replace('.', '/')}.py")
    return [source.apply(change) for change in decision_changes(source)]


def judge_decisions(mutants: Sequence[SourceMutant]) -> list[Result]:
    """Return what the unit tests say about mutants of one module.

    Raises:
        NoVerdictError: the tests fail without any mutation, or the process died.
    """
    tests = DECISIONS[mutants[0].module]
    process = subprocess.run(  # noqa: S603 - this module
        [sys.executable, "-m", __name__],
        input=pickle.dumps((tests, list(mutants))),
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
    )
    if process.returncode:
        raise NoVerdictError(f"{' '.join(tests)}: {process.stdout.decode(errors='replace')[-1000:]}")
    caught_by: list[str | None] = json.loads(process.stdout)
    return [Result(_describe(mutant), caught) for mutant, caught in zip(mutants, caught_by, strict=True)]


def _describe(mutant: SourceMutant) -> Mutant:
    package, _, name = mutant.module.rpartition(".")
    return Mutant(
        "decision", package.partition(".")[0], f"{name}: {mutant.scope}", mutant.kind, f"{name}.py:{mutant.line}",
        mutant.before, mutant.after,
    )  # fmt: skip


class _FirstFailure:
    """A plugin of pytest that runs the tests without fixtures, and keeps the first that fails."""

    text: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not _fixtures(item)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.text is None:
            self.text = f"{report.nodeid} fails"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.text is None:
            self.text = f"{report.nodeid} cannot be imported"


def _fixtures(item: pytest.Item) -> set[str]:
    """Return the names of a test's fixtures, without the parameters of its cases."""
    case = getattr(item, "callspec", None)
    return set(getattr(item, "fixturenames", ())) - set(case.params if case else ()) - {"request"}


def _run_tests(tests: Sequence[str], settings: Path) -> str | None:
    """Return the first failure of the tests, None if they pass."""
    plugin = _FirstFailure()
    options = [*OPTIONS, "-c", str(settings), f"--rootdir={CHECKOUT}"]
    code = pytest.main([*options, *(str(CHECKOUT / test) for test in tests)], plugins=[plugin])
    return plugin.text or (None if code == pytest.ExitCode.OK else f"pytest exits with {int(code)}")


def _judge_in_fork(mutant: SourceMutant, tests: Sequence[str], folder: Path) -> str | None:
    """Run the tests with a mutant in a child process, which a mutant that loops or exits does not outlive."""
    file = folder / "caught"
    file.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        signal.alarm(TIMEOUT_SECONDS)
        with contextlib.suppress(BaseException), mutated(mutant):
            file.write_text(json.dumps(_run_tests(tests, folder / "pytest.ini")))
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(file.read_text()) if file.exists() else "the tests did not end"


def _main() -> None:
    tests, mutants = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the parent process
    output = os.dup(1)
    with Path(os.devnull).open("w") as null, tempfile.TemporaryDirectory() as folder:
        os.dup2(null.fileno(), 1)
        os.dup2(null.fileno(), 2)
        # also imports what the tests need, so that no fork has to
        settings = Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\n")
        failure = _run_tests(tests, settings)
        if failure is not None:
            os.write(output, f"without a mutation: {failure}".encode())
            raise SystemExit(1)
        forget("gate", "broker", "tests")
        judged = [_judge_in_fork(mutant, tests, Path(folder)) for mutant in mutants]
    os.write(output, json.dumps(judged).encode())


if __name__ == "__main__":
    _main()
