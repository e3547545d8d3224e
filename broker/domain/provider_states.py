"""The provider states that the interactions of pacts name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from broker.domain.json_document import encode_canonical_json
from broker.domain.pact_content import INTERACTION_LISTS


def list_provider_states(pacts: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the distinct states of pacts (consumer, document) by name, each with its parameters and consumers."""
    states: dict[str, dict[str, Any]] = {}
    for consumer, document in pacts:
        for name, params in _states_of(document):
            state = {"name": name, **({"params": params} if params else {})}
            entry = states.setdefault(encode_canonical_json(state), {**state, "consumers": []})
            if consumer not in entry["consumers"]:
                entry["consumers"].append(consumer)
    return [states[key] for key in sorted(states, key=lambda key: (states[key]["name"], key))]


def _states_of(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in INTERACTION_LISTS:
        interactions = document.get(key)
        for interaction in interactions if isinstance(interactions, list) else []:
            if isinstance(interaction, dict):
                yield from _states_of_interaction(interaction)


def _states_of_interaction(interaction: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    # one name in V1 and V2, a list of objects in V3 and V4; some libraries write the list under the singular name
    for key in ("providerState", "provider_state", "providerStates"):
        value = interaction.get(key)
        for state in value if isinstance(value, list) else [value]:
            if isinstance(state, str) and state:
                yield state, None
            elif isinstance(state, dict) and isinstance(state.get("name"), str):
                yield state["name"], state.get("params")
