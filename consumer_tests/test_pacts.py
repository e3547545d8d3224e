"""The orchestrator's clients match every interaction, and the committed pacts are up to date."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from consumer_tests.contract import ConsumerContract
from consumer_tests.discovery import load_contract
from consumer_tests.interaction import HttpInteraction, MessageInteraction, Response
from consumer_tests.matchers import all_model_fields, matched_fields
from consumer_tests.names import vendor_names
from consumer_tests.pact_files import pact_file_name, record_interactions, render_pact
from consumer_tests.recorder import record_interaction, record_message

PACTS = Path(__file__).parents[1] / "pacts"
CONTRACTS = [load_contract(vendor) for vendor in vendor_names()]
STALE = "the committed pact is stale: run 'make pact-consumer' and commit pacts/"


@cache
def _load_committed(vendor: str) -> dict[str, Any]:
    return dict(json.loads((PACTS / pact_file_name(vendor)).read_text(encoding="utf-8")))


def _committed_interactions(vendor: str, description: str) -> list[dict[str, Any]]:
    return [item for item in _load_committed(vendor)["interactions"] if item["description"] == description]


def _test_id(value: object) -> str:
    return value.vendor if isinstance(value, ConsumerContract) else getattr(value, "description", str(value))


@pytest.mark.parametrize(
    ("contract", "interaction"), [(c, i) for c in CONTRACTS for i in c.interactions], ids=_test_id
)
async def test_client_matches_interaction(contract: ConsumerContract, interaction: HttpInteraction) -> None:
    """The client sends the expected request and understands the response; the committed pact is up to date."""
    async with httpx.AsyncClient() as http:
        recorded = await record_interaction(contract, interaction, http)

    assert _committed_interactions(contract.vendor, interaction.description) == [recorded], STALE


@pytest.mark.parametrize("message", [m for c in CONTRACTS for m in c.messages], ids=_test_id)
def test_orchestrator_parses_message(message: MessageInteraction) -> None:
    """The orchestrator's parser understands the message; the committed pact is up to date."""
    recorded = record_message(message)

    assert _committed_interactions(message.vendor, message.description) == [recorded], STALE


@pytest.mark.parametrize("contract", CONTRACTS, ids=_test_id)
async def test_recording_is_deterministic(contract: ConsumerContract) -> None:
    """Recording again gives the bytes of the committed file."""
    async with httpx.AsyncClient() as http:
        recorded = render_pact(contract.vendor, await record_interactions(contract, http))

    assert recorded == (PACTS / pact_file_name(contract.vendor)).read_text(encoding="utf-8"), STALE


@pytest.mark.parametrize("contract", CONTRACTS, ids=_test_id)
def test_descriptions_are_unique(contract: ConsumerContract) -> None:
    """A description identifies one interaction of a vendor."""
    counts = Counter(
        [i.description for i in contract.interactions] + [m.description for m in contract.messages]
    )

    assert [description for description, times in counts.items() if times > 1] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=_test_id)
def test_interactions_differ_in_more_than_description(contract: ConsumerContract) -> None:
    """One of two interactions with the same states, request and response would be superfluous."""
    counts = Counter(
        json.dumps({key: value for key, value in item.items() if key != "description"}, sort_keys=True)
        for item in _load_committed(contract.vendor)["interactions"]
    )

    assert [body for body, times in counts.items() if times > 1] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=_test_id)
def test_every_model_field_is_matched_by_pact(contract: ConsumerContract) -> None:
    """No model reads a field that no pact requires the vendor to send."""
    sources: list[Response | MessageInteraction] = [i.response for i in contract.interactions]
    sources += contract.messages
    matched: set[tuple[str, str]] = set()
    fields: set[tuple[str, str]] = set()
    for source in sources:
        matched |= matched_fields(source.model, source.example)
        fields |= all_model_fields(source.model)

    assert sorted(fields - matched) == []


def test_committed_pacts_are_those_of_existing_vendors() -> None:
    """Neither a pact of a removed vendor remains, nor is one missing."""
    committed = sorted(path.name for path in PACTS.glob("*"))

    assert committed == sorted(pact_file_name(vendor) for vendor in vendor_names())
