"""Judges mutants of decisions by the tests of their modules."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contract_strength.ast_mutations import SourceMutant, SourceTree
from contract_strength.decision_operators import decision_changes
from contract_strength.mutant import Mutant, NoVerdictError, Result

CHECKOUT = Path(__file__).parents[1]
DECISIONS: dict[str, tuple[str, ...]] = {
    "gate.can_i_deploy": ("tests/gate/test_can_i_deploy.py",),
    "gate.outcome": ("tests/gate/test_outcome.py",),
    "gate.verdict": ("tests/gate/test_verdict.py",),
    "broker.domain.can_i_deploy": ("tests/broker/test_can_i_deploy.py",),
    "broker.domain.matrix": ("tests/broker/test_matrix.py",),
    "broker.domain.pending": ("tests/broker/test_pending.py", "tests/broker/test_pending_by_tag.py"),
    "broker.domain.selectors": ("tests/broker/test_selectors.py", "tests/broker/test_selector_errors.py"),
    "broker.domain.strict_rules": ("tests/broker/test_matrix_service.py",),
    "broker.services.matrix": ("tests/broker/test_matrix_service.py",),
    "broker.services.pact_selection": ("tests/broker/test_pact_selection_service.py",),
    "broker.services.pacts_for_verification": ("tests/broker/test_pact_selection_service.py",),
    "broker.store.deployments": ("tests/broker/test_deployment_store.py",),
}
"""The modules that decide, and the tests that must catch their mutants."""
JUDGE = "contract_strength.decision_judge"


def decision_mutants(module: str) -> list[SourceMutant]:
    """Return all mutants of a module that decides."""
    source = SourceTree(module, CHECKOUT / f"{module.replace('.', '/')}.py")
    return [source.apply(change) for change in decision_changes(source)]


def judge_decisions(mutants: Sequence[SourceMutant]) -> list[Result]:
    """Return what the tests say about mutants of one module.

    Raises:
        NoVerdictError: the tests fail without any mutation, or the process died.
    """
    tests = DECISIONS[mutants[0].module]
    process = subprocess.run(  # noqa: S603 - a module of this project
        [sys.executable, "-m", JUDGE],
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
    package, _, name = mutant.module.partition(".")
    file = f"{mutant.module.replace('.', '/')}.py"
    return Mutant(
        "decision", package, f"{name}: {mutant.scope}", mutant.kind, f"{file}:{mutant.line}", mutant.before, mutant.after
    )  # fmt: skip
