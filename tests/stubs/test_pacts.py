"""What the pacts describe: which interaction an exchange is, and which is nearest to one that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_verification.stubs.contract import ContractError, load
from provider_verification.stubs.pacts import Described, Shape, shape_of

READ = Shape(frozenset({"expand"}), frozenset(), 200)


@pytest.fixture(scope="module")
def apaleo() -> Described:
    """What Apaleo's pact describes."""
    return Described("apaleo", load("apaleo"))


def test_an_exchange_is_every_interaction_of_its_shape(apaleo: Described) -> None:
    """Names of parameters and the status decide, not values."""
    assert apaleo.matching("getReservation", READ) == [
        "a reservation by its id",
        "a reservation of a guest in the house",
        "a reservation without a guest",
    ]


@pytest.mark.parametrize(
    "shape",
    [
        Shape(frozenset(), frozenset(), 200),
        Shape(frozenset({"expand", "onlyOwed"}), frozenset(), 200),
        Shape(frozenset({"expand"}), frozenset({"id"}), 200),
        Shape(frozenset({"expand"}), frozenset(), 204),
    ],
)
def test_another_shape_is_none_and_has_a_nearest(apaleo: Described, shape: Shape) -> None:
    """A parameter more or less, a body, another status."""
    assert apaleo.matching("getReservation", shape) == []
    assert apaleo.nearest("getReservation", shape) is not None


def test_a_refused_credential_is_the_same_everywhere(apaleo: Described) -> None:
    """One interaction describes it for all operations."""
    found = apaleo.matching("listOffers", Shape(frozenset(), frozenset(), 401))

    assert found == ["a reservation with an expired token"]


def test_an_operation_nobody_calls_has_nothing_near(apaleo: Described) -> None:
    """Not even by name."""
    assert apaleo.nearest("(unknown)", READ) is None


@pytest.mark.parametrize(
    ("body", "names"), [('{"a": 1, "b": 2}', {"a", "b"}), ("[1]", set()), ("", set()), ("{", set())]
)
def test_a_remembered_request_has_a_shape(body: str, names: set[str]) -> None:
    """From its JSON body, if it has one."""
    seen = {"query": {"x": ["1"]}, "body": body, "status": 201}

    assert shape_of(seen) == Shape(frozenset({"x"}), frozenset(names), 201)


def test_a_file_that_is_no_pact_is_named(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "broken.json").write_text("{}")

    with pytest.raises(ContractError, match=r"broken\.json is no pact: run 'make pact-consumer'"):
        Described("apaleo", load("apaleo"), tmp_path)
