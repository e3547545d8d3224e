"""Some interactions of one vendor from end to end: what the verifier, the strict stub and the recording catch."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from contract_strength.ast_mutations import SourceMutant
from contract_strength.capture import capture_exchanges
from contract_strength.client_recording import Lines, client_mutants, judge_clients, record_lines
from contract_strength.exchange import Exchange
from contract_strength.mutant import NoVerdictError, Result
from contract_strength.request_mutants import request_mutants
from contract_strength.response_mutants import ResponseMutant, response_mutants
from contract_strength.run import judge_responses, load_pact
from contract_strength.strict_stub import judge_requests
from contract_strength.vendor_schemas import VendorSchemas
from provider_verification.stubs.engine.openapi import load_contract
from tests.thoroughness import sample

VENDOR = "mews"
PACT = load_pact(VENDOR)
STRUCTURAL = {"field dropped", "null", "wrong type", "number as string", "list emptied"}
GUEST = "a guest's profile"
SAMPLE = {
    GUEST,
    "a room",
    "a guest in the house",
    "a reservation that does not exist",
    "the hotel of the credentials",
}
"""The interactions whose responses are mutated; `make strength` mutates all."""


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    """What goes over the wire for each interaction."""
    return capture_exchanges(VENDOR, PACT)


@pytest.fixture(scope="module")
def lines() -> dict[str, Lines]:
    """The lines of the client that each interaction runs."""
    return record_lines(VENDOR, PACT)


def mutants_of(exchanges: Sequence[Exchange]) -> list[ResponseMutant]:
    """Return the mutants of all responses."""
    schemas, rng = VendorSchemas(VENDOR), random.Random(1)  # noqa: S311 - not for security
    return [mutant for exchange in exchanges for mutant in response_mutants(exchange, schemas, rng)]


def survivors(results: Sequence[Result]) -> set[tuple[str, str]]:
    """Return path and kind of each survivor."""
    return {(result.mutant.path, result.mutant.kind) for result in results if result.is_survivor}


def test_every_structural_mutant_of_what_is_read_is_caught(exchanges: list[Exchange]) -> None:
    """Nothing that is read can be dropped, null or of another type, and nothing else is demanded."""
    sample = [exchange for exchange in exchanges if exchange.description in SAMPLE]
    mutants = [mutant for mutant in mutants_of(sample) if mutant.mutant.kind in STRUCTURAL]

    results = judge_responses(VENDOR, PACT, mutants).results

    assert len(results) > 100
    assert survivors(results) == set()
    assert {result.mutant.is_demanded for result in results} == {True, False}


def test_weakened_pact_has_survivors(exchanges: list[Exchange]) -> None:
    """Without the rule for a field, the same mutants of its type are no longer caught."""
    [exchange] = [item for item in exchanges if item.description == GUEST]
    weak = copy.deepcopy(dict(exchange.interaction))
    # like the whole, whatever is in it
    weak["response"]["matchingRules"]["body"] = {
        "$.Customers": {"combine": "AND", "matchers": [{"match": "type", "max": 1000}]},
        "$.Customers[*].LastName": {"combine": "AND", "matchers": [{"match": "regex", "regex": ".*"}]},
    }
    weakened = replace(exchange, interaction=weak)

    strong = judge_responses(VENDOR, PACT, mutants_of([exchange])).results
    results = judge_responses(VENDOR, PACT, mutants_of([weakened])).results

    assert ("$.Customers", "list emptied") in survivors(results) - survivors(strong)


def test_pact_that_the_stub_does_not_fulfil_gives_no_verdict() -> None:
    """Mutants of a response that fails unchanged would all be caught."""
    broken: dict[str, Any] = copy.deepcopy(dict(PACT))
    broken["interactions"] = [item for item in broken["interactions"] if item["description"] == GUEST]
    broken["interactions"][0]["response"]["status"] = 418

    with pytest.raises(NoVerdictError, match=r"418|status"):
        capture_exchanges(VENDOR, broken)


def test_every_mutant_of_a_request_is_caught(exchanges: list[Exchange]) -> None:
    """The strict stub rejects it, or records a violation."""
    contract, schemas = load_contract(VENDOR), VendorSchemas(VENDOR)
    selected = sample(exchanges, 15)
    pairs = [(exchange, list(request_mutants(exchange, contract, schemas))) for exchange in selected]

    results = judge_requests(VENDOR, pairs)

    assert {result.mutant.kind for result in results} == {
        "wrong method", "wrong path", "wrong credentials", "header dropped", "header misspelled",
        "field left out", "field misspelled",
    }  # fmt: skip
    assert survivors(results) == set()


def test_request_of_a_rejected_interaction_is_left_out(exchanges: list[Exchange]) -> None:
    """A request with credentials that are not valid is rejected with and without a mutation."""
    [exchange] = [item for item in exchanges if item.reply.status == 401]
    mutants = list(request_mutants(exchange, load_contract(VENDOR), VendorSchemas(VENDOR)))

    assert mutants
    assert judge_requests(VENDOR, [(exchange, mutants)]) == []


def test_mutants_of_the_client_turn_the_recording_red(lines: dict[str, Lines]) -> None:
    """One of each kind, and one of code that runs when a module is imported."""
    by_kind: dict[tuple[str, bool], SourceMutant] = {}
    for mutant in client_mutants(VENDOR):
        by_kind.setdefault((mutant.kind, mutant.is_import_time), mutant)

    results = judge_clients(VENDOR, PACT, lines, list(by_kind.values()))

    assert {kind for kind, _ in by_kind} == {"body field", "error mapping", "method", "parsing", "path"}
    assert {at_import for _, at_import in by_kind} == {True, False}
    assert survivors(results) == set()


def test_change_that_changes_nothing_survives_the_recording(lines: dict[str, Lines]) -> None:
    """What catches a mutant is the mutation."""
    mutant = client_mutants(VENDOR)[0]
    unchanged = replace(mutant, source=mutant.source.replace(mutant.after, mutant.before))

    [result] = judge_clients(VENDOR, PACT, lines, [unchanged])

    assert result.caught_by is None


def test_stale_pact_gives_no_verdict() -> None:
    """A recording that differs from the committed pact counts as caught, so the unchanged one must be equal."""
    stale: dict[str, Any] = copy.deepcopy(dict(PACT))
    stale["interactions"][0]["response"]["status"] = 201

    with pytest.raises(NoVerdictError, match="differs from the committed pact"):
        record_lines(VENDOR, stale)
