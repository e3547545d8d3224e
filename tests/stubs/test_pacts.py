"""The pact index: which interactions a request matches, and which is the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_verification.stubs.engine.openapi import load_contract
from provider_verification.stubs.engine.pact_index import PactIndex, RequestSignature, signature_of
from provider_verification.stubs.engine.schema_files import ContractError

READ = RequestSignature(frozenset({"expand"}), frozenset(), 200)


@pytest.fixture(scope="module")
def apaleo() -> PactIndex:
    """The index of Apaleo's pact."""
    return PactIndex("apaleo", load_contract("apaleo"))


def test_request_matches_all_interactions_of_its_shape(apaleo: PactIndex) -> None:
    """Names of parameters and the status decide, not values."""
    assert apaleo.matching("getReservation", READ) == [
        "a reservation by its id",
        "a reservation of a guest in the house",
        "a reservation without a guest",
        "a reservation with its services",
        "a reservation of a guest who arrives later",
        "a reservation of a guest who arrives today and has no unit",
        "a reservation of a guest who did not arrive",
        "a reservation of a guest who stays for some days",
    ]


@pytest.mark.parametrize(
    "signature",
    [
        RequestSignature(frozenset(), frozenset(), 200),
        RequestSignature(frozenset({"expand", "onlyOwed"}), frozenset(), 200),
        RequestSignature(frozenset({"expand"}), frozenset({"id"}), 200),
        RequestSignature(frozenset({"expand"}), frozenset(), 204),
    ],
)
def test_request_with_other_signature_has_a_nearest_interaction(
    apaleo: PactIndex, signature: RequestSignature
) -> None:
    """A different set of parameters, a body, or another status does not match."""
    assert apaleo.matching("getReservation", signature) == []
    assert apaleo.nearest("getReservation", signature) is not None


def test_status_401_matches_any_interaction_with_401(apaleo: PactIndex) -> None:
    """One interaction covers rejected credentials for all operations."""
    descriptions = apaleo.matching("listOffers", RequestSignature(frozenset(), frozenset(), 401))

    assert descriptions == ["a reservation with an expired token"]


def test_operation_without_interactions_has_no_nearest(apaleo: PactIndex) -> None:
    """An operation that no pact contains has no nearest interaction."""
    assert apaleo.nearest("(unknown)", READ) is None


@pytest.mark.parametrize(
    ("body", "names"), [('{"a": 1, "b": 2}', {"a", "b"}), ("[1]", set()), ("", set()), ("{", set())]
)
def test_signature_of_journal_entry_has_names_of_json_members(body: str, names: set[str]) -> None:
    """A body that is not a JSON object has no member names."""
    entry = {"query": {"x": ["1"]}, "body": body, "status": 201}

    assert signature_of(entry) == RequestSignature(frozenset({"x"}), frozenset(names), 201)


def test_invalid_pact_file_is_reported(tmp_path: Path) -> None:
    """The error names the file and the command that records the pacts."""
    (tmp_path / "broken.json").write_text("{}")

    with pytest.raises(ContractError, match=r"broken\.json is not a pact: run 'make pact-consumer'"):
        PactIndex("apaleo", load_contract("apaleo"), tmp_path)
