"""Mutants of source code: what is changed in a client and in a decision, and what is left alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract_strength.ast_mutations import Change, SourceMutant, SourceTree
from contract_strength.client_operators import client_changes
from contract_strength.decision_operators import decision_changes
from contract_strength.mutant_import import forget, mutated

CLIENT = '''
"""A client."""
STATUSES = (200, 404)

class Guest(ResponseModel):
    last_name: str
    phone: str | None = Field(None, alias="tel")

class Client:
    async def get(self, guest_id: str) -> Guest:
        """Return a guest."""
        request = VendorRequest(
            operation="guest", method="GET", path=f"/guests/{guest_id}", success_statuses=(200,),
            headers={"X-Key": self._key}, query={"expand": "rooms"}, json={"deep": True},
        )
        response = await self._client.send(request)
        if response.status == 404:
            raise NotFound("guest")
        return self._client.parse_json(Guest, response)
'''
DECISION = '''
"""A decision."""
LIMIT = 5

def decide(age: int, names: list[str] | None = None) -> str | None:
    """Return the outcome."""
    if age >= 18 and not names:
        return "yes"
    return f"No: {names[-1]} is too young" if any(names) else None
'''


def mutants_of(
    folder: Path, source: str, changes: Callable[[SourceTree], Iterator[Change]]
) -> list[SourceMutant]:
    """Return the mutants of a module with this source."""
    path = folder / "module.py"
    path.write_text(source)
    tree = SourceTree("module", path)
    return [tree.apply(change) for change in changes(tree)]


def test_changes_of_a_client(tmp_path: Path) -> None:
    """What is sent, what is read, and what becomes of an error; neither docstrings nor labels of metrics."""
    found = {(item.kind, item.before): item.after for item in mutants_of(tmp_path, CLIENT, client_changes)}

    assert found[("method", "'GET'")] == "'POST'"
    assert found[("path", "'/guests/'")] == "'/guests/x'"
    assert found[("header", "'X-Key'")] == "'X-Keyx'"
    assert found[("query parameter", "'expand'")] == "'expandx'"
    assert found[("body field", "'deep'")] == "'deepx'"
    assert found[("body field", "True")] == "False"
    assert found[("error mapping", "404")] == "405"
    assert found[("error mapping", "NotFound")] == "RuntimeError"
    assert found[("parsing", "last_name: str")].endswith("Field(alias='last_nameMutated')")
    phone = next(after for (_, before), after in found.items() if before.startswith("phone"))
    assert phone.endswith("Field(None, alias='phoneMutated')")
    assert not any("guest'" in before or "Return" in before for _, before in found)


def test_changes_of_a_decision(tmp_path: Path) -> None:
    """Comparisons, conditions, constants and results; neither annotations nor sentences nor code outside of functions."""
    mutants = mutants_of(tmp_path, DECISION, decision_changes)
    found = {(item.kind, item.before): item.after for item in mutants}

    assert found[("comparison", "age >= 18")] == "age > 18"
    assert found[("condition", "age >= 18 and (not names)")] == "age >= 18 or not names"
    assert found[("constant", "18")] == "19"
    assert found[("constant", "'yes'")] == "'yesx'"
    assert found[("return value", "return 'yes'")] == "return None"
    assert found[("function", "any")] == "all"
    assert found[("arithmetic", "-1")] == "+1"
    assert not any(
        before in {"5", "None"} or "Return" in before or before == "str | None" for _, before in found
    )


def test_each_mutant_has_one_change(tmp_path: Path) -> None:
    """The tree is as before after each, and every mutant is a module of its own."""
    mutants = mutants_of(tmp_path, DECISION, decision_changes)
    sources = [item.source for item in mutants]

    assert len(set(sources)) == len(sources)
    [first, *_] = [item for item in mutants if item.before == "age >= 18"]
    assert "age > 18" in first.source
    assert "any(names)" in first.source
    assert (first.scope, first.lines, first.is_import_time) == ("decide", (7, 7), False)


def test_field_of_a_model_is_changed_at_import(tmp_path: Path) -> None:
    """No line of a function runs it."""
    [first, *_] = [item for item in mutants_of(tmp_path, CLIENT, client_changes) if item.kind == "parsing"]

    assert (first.scope, first.is_import_time) == ("Guest", True)


def test_mutant_is_imported_in_place_of_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the block, and without a change of the file."""
    monkeypatch.syspath_prepend(str(tmp_path))
    mutant = next(
        item for item in mutants_of(tmp_path, DECISION, decision_changes) if item.before == "age >= 18"
    )

    with mutated(mutant):
        assert importlib.import_module("module").decide(18, []) is None
    forget("module")
    try:
        assert importlib.import_module("module").decide(18, []) == "yes"
    finally:
        forget("module")
    assert (tmp_path / "module.py").read_text() == DECISION
    assert "module" not in sys.modules
