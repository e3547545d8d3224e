"""When two pacts are the same content."""

from __future__ import annotations

from typing import Any

import pytest

from broker.domain.pact_content import add_interaction_ids, content_sha

INTERACTION = {
    "description": "x",
    "request": {"method": "GET", "path": "/"},
    "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": {"ok": True}},
}
OTHER = {**INTERACTION, "description": "y"}


def pact(*interactions: dict[str, Any], version: str = "2.0.0", **more: Any) -> dict[str, Any]:
    """A pact with these interactions."""
    return {
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": version}},
        **more,
    }


def test_the_official_broker_gives_the_same_identities() -> None:
    """The content's and the interaction's, as they were recorded from it."""
    assert content_sha(pact(INTERACTION)) == "7c67953a5843b2290b4eab944d240340500314c2"
    assert (
        add_interaction_ids(pact(INTERACTION))["interactions"][0]["_id"]
        == "b8603790bf56f8cb3b9c9b9066640ee9071da580"
    )


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
    """It is the same content."""
    assert content_sha(other) == content_sha(pact(INTERACTION, OTHER))


@pytest.mark.parametrize(
    "other",
    [
        pact(INTERACTION),
        pact(INTERACTION, {**OTHER, "providerState": "a room"}),
        pact(INTERACTION, OTHER, version="3.0.0"),
        pact(INTERACTION, OTHER, messages=[OTHER]),
        {"something": "else"},
    ],
    ids=["one less", "another state", "another specification", "a message more", "no interactions at all"],
)
def test_sha_changes_with_content(other: dict[str, Any]) -> None:
    """It is another content."""
    assert content_sha(other) != content_sha(pact(INTERACTION, OTHER))


def test_an_id_that_was_sent_is_kept() -> None:
    """Test results name interactions by it."""
    assert add_interaction_ids(pact({**INTERACTION, "_id": "mine"}))["interactions"][0]["_id"] == "mine"
