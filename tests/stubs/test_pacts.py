"""What the pacts describe: which interaction an exchange is, and which is nearest to one that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_verification.stubs.engine.openapi import load_contract
from provider_verification.stubs.engine.pact_index import PactIndex, RequestShape, shape_of
from provider_verification.stubs.engine.schema_files import ContractError

READ = RequestShape(frozenset({"expand"}), frozenset(), 200)


@pytest.fixture(scope="module")
def apaleo() -> PactIndex:
    """What Apaleo's pact describes."""
    return PactIndex("apaleo", load_contract("apaleo"))


def test_an_exchange_is_every_interaction_of_its_shape(apaleo: PactIndex) -> None:
    """Names of parameters and the status decide, not values."""
    assert apaleo.matching("getReservation", READ) == [
        "a reservation by its id",
        "a reservation of a guest in the house",
        "a reservation without a guest",
    ]


@pytest.mark.parametrize(
    "shape",
    [
        RequestShape(frozenset(), frozenset(), 200),
        RequestShape(frozenset({"expand", "onlyOwed"}), frozenset(), 200),
        RequestShape(frozenset({"expand"}), frozenset({"id"}), 200),
        RequestShape(frozenset({"expand"}), frozenset(), 204),
    ],
)
def test_another_shape_is_none_and_has_a_nearest(apaleo: PactIndex, shape: RequestShape) -> None:
    """A parameter more or less, a body, another status."""
    assert apaleo.matching("getReservation", shape) == []
    assert apaleo.nearest("getReservation", shape) is not None


def test_a_refused_credential_is_the_same_everywhere(apaleo: PactIndex) -> None:
    """One interaction describes it for all operations."""
    found = apaleo.matching("listOffers", RequestShape(frozenset(), frozenset(), 401))

    assert found == ["a reservation with an expired token"]


def test_an_operation_nobody_calls_has_nothing_near(apaleo: PactIndex) -> None:
    """Not even by name."""
    assert apaleo.nearest("(unknown)", READ) is None


@pytest.mark.parametrize(
    ("body", "names"), [('{"a": 1, "b": 2}', {"a", "b"}), ("[1]", set()), ("", set()), ("{", set())]
)
def test_a_remembered_request_has_a_shape(body: str, names: set[str]) -> None:
    """From its JSON body, if it has one."""
    seen = {"query": {"x": ["1"]}, "body": body, "status": 201}

    assert shape_of(seen) == RequestShape(frozenset({"x"}), frozenset(names), 201)


def test_a_file_that_is_no_pact_is_named(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "broken.json").write_text("{}")

    with pytest.raises(ContractError, match=r"broken\.json is not a pact: run 'make pact-consumer'"):
        PactIndex("apaleo", load_contract("apaleo"), tmp_path)
