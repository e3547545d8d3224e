"""Merging of two pacts of the same version: interactions are merged by identity, all other members as a JSON merge patch."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from broker.domain.json_document import encode_canonical_json
from broker.domain.pact_content import INTERACTION_LISTS, remove_generated_ids

JsonObject = dict[str, Any]


def merge_pacts(stored: JsonObject, added: JsonObject) -> tuple[JsonObject, list[str]]:
    """Return the merged pact, and a message for each interaction of both that has different requests.

    An interaction with the description and provider states of a stored one replaces it; every other one is appended.
    All other members are merged as in RFC 7396: objects member by member, and null removes a member.
    """
    stored = remove_generated_ids(stored)
    merged = _merge_patch(
        {key: value for key, value in stored.items() if key not in INTERACTION_LISTS},
        {key: value for key, value in added.items() if key not in INTERACTION_LISTS},
    )
    conflicts: list[str] = []
    for key in INTERACTION_LISTS:
        if isinstance(stored.get(key), list) or isinstance(added.get(key), list):
            merged[key] = _merge_lists(stored.get(key), added.get(key), conflicts)
    return merged, conflicts


def _merge_lists(stored: Any, added: Any, conflicts: list[str]) -> list[Any]:
    merged = list(stored or [])
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, item in enumerate(merged):
        positions[_identity(item)].append(position)
    for item in added or []:
        same = positions.get(_identity(item), [])
        replaced = [position for position in same if _request(merged[position]) == _request(item)]
        if replaced:
            merged[replaced[0]] = item
            continue
        if same:
            conflicts.append(
                f"the interaction '{item.get('description')}' has another request in the stored pact"
            )
        merged.append(item)
    return merged


def _identity(interaction: Any) -> str:
    if not isinstance(interaction, dict):
        return encode_canonical_json(interaction)
    # the member of V1 and V2, of early libraries, and of V3 and V4
    states = [interaction.get(key) for key in ("providerState", "provider_state", "providerStates")]
    return encode_canonical_json([interaction.get("type"), interaction.get("description"), states])


def _request(interaction: Any) -> str:
    return encode_canonical_json(interaction.get("request")) if isinstance(interaction, dict) else ""


def _merge_patch(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_patch(merged.get(key), value)
    return merged
