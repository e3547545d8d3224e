"""Mutants of decisions in a process that has collected the tests: what is caught, and what survives."""

from __future__ import annotations

import ast
import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from contract_strength import decision_tests
from contract_strength.ast_mutations import Change, SourceMutant, SourceTree
from contract_strength.code_replacement import replace_code
from contract_strength.decision_tests import judge_decisions
from contract_strength.mutant import NoVerdictError
from contract_strength.mutant_import import forget

MODULE = "gate.outcome"
OUTCOME = decision_tests.CHECKOUT / "gate/outcome.py"
DECORATED = """
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache

@dataclass(frozen=True, slots=True)
class Age:
    years: int
    @property
    def is_adult(self): return self.years >= 18
    @staticmethod
    def limit(): return 18
    @classmethod
    def youngest(cls): return cls(18).years

class Guest:
    @cached_property
    def nights(self): return 18

@lru_cache
def cached(): return 18

@contextmanager
def block(): yield 18

def outer():
    def inner(): return 18
    return inner()

def default(value=18): return value
"""


def outcome_mutants() -> list[SourceMutant]:
    """Return a mutant of what a function does, one of a constant of the module, and one that changes nothing."""
    source = SourceTree(MODULE, OUTCOME)
    nodes = list(source.nodes())
    [yes] = [
        node for node in nodes if isinstance(node, ast.Compare) and ast.unparse(node) == "verdict == 'yes'"
    ]
    [codes] = [
        node
        for node in nodes
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXIT_CODES"
    ]
    behaviour = source.apply(Change("comparison", yes, "ops", [ast.NotEq()]))
    constant = source.apply(
        Change("constant", codes, "value", ast.parse("{'yes': 0, 'no': 3, 'no verdict': 2}").body[0].value)  # type: ignore[attr-defined]  # an expression
    )
    return [behaviour, constant, replace(behaviour, source=OUTCOME.read_text())]


def test_verdicts() -> None:
    """What runs at the import is judged by an import; what changes nothing survives."""
    behaviour, constant, nothing = judge_decisions(outcome_mutants())

    assert str(behaviour.caught_by).startswith("tests/gate/test_outcome.py::test_outcome[")
    assert str(constant.caught_by).startswith("tests/gate/test_outcome.py::test_outcome[no-1-False]")
    assert nothing.caught_by is None


def test_tests_that_fail_without_a_mutation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no verdict, nor is there one if a test fails when it is repeated."""
    test = tmp_path / "test_repeated.py"
    test.write_text("CALLS = []\ndef test_once():\n    CALLS.append(1)\n    assert len(CALLS) == 1\n")
    monkeypatch.setitem(decision_tests.DECISIONS, MODULE, (str(test),))

    with pytest.raises(NoVerdictError, match=r"without a mutation: .*test_once fails"):
        judge_decisions(outcome_mutants()[:1])


def test_code_is_replaced_wherever_a_function_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind decorators and in classes; a default value was made at the import."""
    (tmp_path / "decorated_functions.py").write_text(DECORATED)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("decorated_functions")

    block = module.block
    mutant = outcome_mutants()[0]
    replace_code(replace(mutant, module="decorated_functions", source=DECORATED.replace("18", "21")))

    try:
        assert [module.Age(years).is_adult for years in (18, 21)] == [False, True]
        assert (module.Age.limit(), module.Age.youngest(), module.Guest().nights) == (21, 21, 21)
        with block() as value:
            assert value == 21
        assert (module.cached(), module.outer(), module.default()) == (21, 21, 18)
    finally:
        forget("decorated_functions")
