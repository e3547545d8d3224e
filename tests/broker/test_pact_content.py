"""Identity of pact contents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from broker.domain.pact_content import identify

INTERACTION = {
    "description": "x",
    "request": {"method": "GET", "path": "/"},
    "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": {"ok": True}},
}
OTHER = {**INTERACTION, "description": "y"}


def pact(*interactions: dict[str, Any], version: str = "2.0.0", **fields: Any) -> dict[str, Any]:
    """Return a pact with these interactions."""
    return {
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": version}},
        **fields,
    }


def test_sha_and_interaction_id_equal_those_of_the_official_broker() -> None:
    """The expected values were recorded from the official broker."""
    document, sha = identify(pact(INTERACTION))

    assert sha == "7c67953a5843b2290b4eab944d240340500314c2"
    assert json.loads(document)["interactions"][0]["_id"] == "b8603790bf56f8cb3b9c9b9066640ee9071da580"


@pytest.mark.parametrize(
    "other",
    [
        pact(OTHER, INTERACTION),
        pact(dict(reversed(INTERACTION.items())), OTHER),
        pact(INTERACTION, OTHER, consumer={"name": "another"}),
    ],
    ids=["order of interactions", "order of keys", "names"],
)
def test_sha_ignores_order_and_layout(other: dict[str, Any]) -> None:
    """Order, layout and names do not change the sha."""
    assert identify(other)[1] == identify(pact(INTERACTION, OTHER))[1]


@pytest.mark.parametrize(
    "other",
    [
        pact(INTERACTION),
        pact(INTERACTION, {**OTHER, "providerState": "a room"}),
        pact(INTERACTION, OTHER, version="3.0.0"),
        pact(INTERACTION, OTHER, messages=[OTHER]),
        {"something": "else"},
    ],
    ids=[
        "interaction removed",
        "provider state",
        "specification version",
        "message added",
        "no interactions",
    ],
)
def test_sha_changes_with_content(other: dict[str, Any]) -> None:
    """Every significant difference changes the sha."""
    assert identify(other)[1] != identify(pact(INTERACTION, OTHER))[1]


def test_existing_interaction_id_is_kept() -> None:
    """Test results refer to interactions by their id."""
    document, _ = identify(pact({**INTERACTION, "_id": "existing"}))

    assert json.loads(document)["interactions"][0]["_id"] == "existing"
