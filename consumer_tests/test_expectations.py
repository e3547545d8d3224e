"""Every expectation is met by the orchestrator's clients, and stands in the committed pacts as it is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from consumer_tests.contract import Contract
from consumer_tests.demand import demanded_fields, readable_fields
from consumer_tests.discovery import contract_of, vendors
from consumer_tests.expectation import Expectation, MessageExpectation
from consumer_tests.pacts import document, file_name, record_all
from consumer_tests.recorder import record, record_message

PACTS = Path(__file__).parents[1] / "pacts"
CONTRACTS = [contract_of(vendor) for vendor in vendors()]
STALE = "the committed pact is stale: run 'make pact-consumer' and commit pacts/"


def _committed(vendor: str) -> dict[str, Any]:
    return dict(json.loads((PACTS / file_name(vendor)).read_text(encoding="utf-8")))


def _recorded_before(vendor: str, description: str) -> list[dict[str, Any]]:
    return [item for item in _committed(vendor)["interactions"] if item["description"] == description]


def _name(value: object) -> str:
    return value.vendor if isinstance(value, Contract) else getattr(value, "description", str(value))


@pytest.mark.parametrize(
    ("contract", "expectation"), [(c, e) for c in CONTRACTS for e in c.expectations], ids=_name
)
async def test_the_client_keeps_an_expectation(contract: Contract, expectation: Expectation) -> None:
    """The client sends the expected request, understands the answer, and the committed pact says the same."""
    async with httpx.AsyncClient() as http:
        interaction = await record(contract, expectation, http)

    assert _recorded_before(contract.vendor, expectation.description) == [interaction], STALE


@pytest.mark.parametrize("message", [m for c in CONTRACTS for m in c.messages], ids=_name)
def test_the_orchestrator_reads_a_message(message: MessageExpectation) -> None:
    """The orchestrator's reader understands the message, and the committed pact says the same."""
    interaction = record_message(message)

    assert _recorded_before(message.vendor, message.description) == [interaction], STALE


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
async def test_recording_twice_gives_the_same_bytes(contract: Contract) -> None:
    """A recording depends on nothing but the expectations, and is the committed file to the byte."""
    async with httpx.AsyncClient() as http:
        first = document(contract.vendor, await record_all(contract, http))
        second = document(contract.vendor, await record_all(contract, http))

    assert first == second
    assert first == (PACTS / file_name(contract.vendor)).read_text(encoding="utf-8"), STALE


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
def test_no_interaction_is_recorded_twice(contract: Contract) -> None:
    """A description with its provider states names one interaction only."""
    named = Counter(
        [e.description for e in contract.expectations] + [m.description for m in contract.messages]
    )

    assert [description for description, times in named.items() if times > 1] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
def test_no_two_interactions_send_the_same_and_expect_the_same(contract: Contract) -> None:
    """Two interactions with the same states, request and answer would have one reason to exist."""
    seen = Counter(
        json.dumps({key: value for key, value in item.items() if key != "description"}, sort_keys=True)
        for item in _committed(contract.vendor)["interactions"]
    )

    assert [body for body, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
def test_every_field_that_is_read_is_demanded(contract: Contract) -> None:
    """No model reads a field that no pact demands: usage is exact in both directions."""
    demanded: set[tuple[str, str]] = set()
    read: set[tuple[str, str]] = set()
    for expectation in contract.expectations:
        demanded |= demanded_fields(expectation.response.shape, expectation.response.example)
        read |= readable_fields(expectation.response.shape)
    for message in contract.messages:
        demanded |= demanded_fields(message.shape, message.example)
        read |= readable_fields(message.shape)

    assert sorted(read - demanded) == []


def test_the_committed_pacts_are_those_of_the_vendors_there_are() -> None:
    """No pact of a vendor that is gone stays behind, and none is missing."""
    committed = sorted(path.name for path in PACTS.glob("*"))

    assert committed == sorted(file_name(vendor) for vendor in vendors())
