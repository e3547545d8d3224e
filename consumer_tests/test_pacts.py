"""Every expectation is met by the orchestrator's clients, and stands in the committed pacts as it is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract, vendor_names
from consumer_tests.interaction import HttpInteraction, MessageInteraction
from consumer_tests.matchers import all_model_fields, matched_fields
from consumer_tests.pact_files import pact_file_name, record_interactions, render_pact
from consumer_tests.recorder import record_interaction, record_message

PACTS = Path(__file__).parents[1] / "pacts"
CONTRACTS = [load_contract(vendor) for vendor in vendor_names()]
STALE = "the committed pact is stale: run 'make pact-consumer' and commit pacts/"


def _committed(vendor: str) -> dict[str, Any]:
    return dict(json.loads((PACTS / pact_file_name(vendor)).read_text(encoding="utf-8")))


def _recorded_before(vendor: str, description: str) -> list[dict[str, Any]]:
    return [item for item in _committed(vendor)["interactions"] if item["description"] == description]


def _name(value: object) -> str:
    return value.vendor if isinstance(value, ConsumerContract) else getattr(value, "description", str(value))


@pytest.mark.parametrize(
    ("contract", "expectation"), [(c, e) for c in CONTRACTS for e in c.expectations], ids=_name
)
async def test_the_client_keeps_an_expectation(
    contract: ConsumerContract, expectation: HttpInteraction
) -> None:
    """The client sends the expected request, understands the answer, and the committed pact says the same."""
    async with httpx.AsyncClient() as http:
        interaction = await record_interaction(contract, expectation, http)

    assert _recorded_before(contract.vendor, expectation.description) == [interaction], STALE


@pytest.mark.parametrize("message", [m for c in CONTRACTS for m in c.messages], ids=_name)
def test_the_orchestrator_reads_a_message(message: MessageInteraction) -> None:
    """The orchestrator's reader understands the message, and the committed pact says the same."""
    interaction = record_message(message)

    assert _recorded_before(message.vendor, message.description) == [interaction], STALE


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
async def test_recording_twice_gives_the_same_bytes(contract: ConsumerContract) -> None:
    """A recording depends on nothing but the expectations, and is the committed file to the byte."""
    async with httpx.AsyncClient() as http:
        first = render_pact(contract.vendor, await record_interactions(contract, http))
        second = render_pact(contract.vendor, await record_interactions(contract, http))

    assert first == second
    assert first == (PACTS / pact_file_name(contract.vendor)).read_text(encoding="utf-8"), STALE


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
def test_no_interaction_is_recorded_twice(contract: ConsumerContract) -> None:
    """A description with its provider states names one interaction only."""
    named = Counter(
        [e.description for e in contract.expectations] + [m.description for m in contract.messages]
    )

    assert [description for description, times in named.items() if times > 1] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
def test_no_two_interactions_send_the_same_and_expect_the_same(contract: ConsumerContract) -> None:
    """Two interactions with the same states, request and answer would have one reason to exist."""
    seen = Counter(
        json.dumps({key: value for key, value in item.items() if key != "description"}, sort_keys=True)
        for item in _committed(contract.vendor)["interactions"]
    )

    assert [body for body, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=_name)
def test_every_field_that_is_read_is_demanded(contract: ConsumerContract) -> None:
    """No model reads a field that no pact demands: usage is exact in both directions."""
    demanded: set[tuple[str, str]] = set()
    read: set[tuple[str, str]] = set()
    for expectation in contract.expectations:
        demanded |= matched_fields(expectation.response.model, expectation.response.example)
        read |= all_model_fields(expectation.response.model)
    for message in contract.messages:
        demanded |= matched_fields(message.model, message.example)
        read |= all_model_fields(message.model)

    assert sorted(read - demanded) == []


def test_the_committed_pacts_are_those_of_the_vendors_there_are() -> None:
    """No pact of a vendor that is gone stays behind, and none is missing."""
    committed = sorted(path.name for path in PACTS.glob("*"))

    assert committed == sorted(pact_file_name(vendor) for vendor in vendor_names())
