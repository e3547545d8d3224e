"""Values that the vendor chooses come from the provider state."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from consumer_tests.discovery import load_contract
from consumer_tests.generators import provided_values, request_generators
from consumer_tests.interaction import ProviderState
from consumer_tests.names import vendor_names
from consumer_tests.recorder import record_interaction
from provider_verification.stubs.control.provider_states import set_up_state
from provider_verification.stubs.engine.registry import create_stub_app
from tests.conftest import REPOSITORY


def _recorded(vendor: str, description: str) -> dict[str, Any]:
    pact = json.loads(
        (REPOSITORY / f"pacts/voicehive-orchestrator-{vendor}.json").read_text(encoding="utf-8")
    )
    return next(item for item in pact["interactions"] if item["description"] == description)


def _expressions(generators: Any) -> dict[str, str]:
    return {path: generator["expression"] for path, generator in generators.items()}


def test_ids_of_states_are_provided() -> None:
    """A parameter that is no id is chosen by the consumer, and so is a room's name."""
    state = ProviderState("a room", {"id": "1-A", "voice_id": "2-B", "name": "call", "count": 3})

    assert provided_values([state.providing(bookingId="3-C")]) == {
        "1-A": "${id}",
        "2-B": "${voice_id}",
        "3-C": "${bookingId}",
    }


def test_last_state_of_a_name_provides_it() -> None:
    """The verifier merges what the states return."""
    states = [ProviderState("a reservation", {"id": value}) for value in ("OTHER-1", "XPG-1")]

    assert provided_values(states) == {"XPG-1": "${id}"}


@pytest.mark.parametrize(
    ("vendor", "description", "part", "expected"),
    [
        (
            "apaleo",
            "a service being booked",
            "path",
            "/booking/v1/reservation-actions/${id}/book-service",
        ),
        (
            "apaleo",
            "the units of a room type",
            "query",
            {"propertyId": "${propertyId}", "unitGroupId": "${unitGroupId}"},
        ),
        ("apaleo", "what a guest owes", "query", {"reservationIds": "${id}", "propertyId": None}),
        ("mews", "a guest in the house", "body", {"$.ReservationIds[0]": "${id}"}),
        ("livekit", "an agent being called back", "body", {"$.dispatch_id": "${id}"}),
    ],
)
def test_provided_value_of_a_request_is_generated(
    vendor: str, description: str, part: str, expected: Any
) -> None:
    """In the path, in the query and in the body."""
    interaction = next(i for i in load_contract(vendor).interactions if i.description == description)
    generators = request_generators(interaction)[part]
    # the verifier reads those of the pact
    assert _recorded(vendor, description)["request"]["generators"][part] == generators

    if isinstance(expected, str):
        assert generators["expression"] == expected
    else:
        assert _expressions(generators) == {name: text for name, text in expected.items() if text}


@pytest.mark.parametrize(
    ("vendor", "description", "path", "expression"),
    [
        ("apaleo", "a reservation by its id", "$.bookingId", "${bookingId}"),
        ("apaleo", "the reservations of a hotel", "$.reservations[0].id", "${id}"),
    ],
)
def test_provided_value_of_a_response_is_generated(
    vendor: str, description: str, path: str, expression: str
) -> None:
    """Also that of a list's element which the state names."""
    generators = _recorded(vendor, description)["response"]["generators"]["body"]

    assert _expressions(generators)[path] == expression


async def test_generators_do_not_replace_what_the_client_must_send() -> None:
    """At recording, the path is compared exactly."""
    contract = load_contract("apaleo")
    interaction = next(i for i in contract.interactions if i.description == "a service being booked")

    async with httpx.AsyncClient() as http:
        recorded = await record_interaction(contract, interaction, http)

    assert recorded["request"]["path"] == "/booking/v1/reservation-actions/XPGMSXGF-1/book-service"


@pytest.mark.parametrize("vendor", vendor_names())
def test_stub_provides_every_value_that_the_pact_generates(vendor: str) -> None:
    """The states of each interaction return the value that the pact has for an example."""
    stub = create_stub_app(vendor).stub
    for interaction in load_contract(vendor).interactions:
        state: Any = stub.state_factory()
        returned: dict[str, str] = {}
        for given in interaction.given:
            returned |= set_up_state(stub.states[given.name], state, given.params)
        for value, expression in provided_values(interaction.given).items():
            assert returned.get(expression[2:-1]) == value, (interaction.description, expression)
