"""Identity of pact contents: two pacts with the same interactions are equal in any order and layout."""

from __future__ import annotations

import hashlib
from typing import Any

from broker.domain.json_document import encode_canonical_json

INTERACTION_LISTS = ("interactions", "messages")


def add_interaction_ids(pact: dict[str, Any]) -> dict[str, Any]:
    """Return the pact with an `_id` on each interaction or message; test results refer to it."""
    return {
        field: [_add_id(item) for item in value]
        if field in INTERACTION_LISTS and isinstance(value, list)
        else value
        for field, value in pact.items()
    }


def remove_generated_ids(pact: dict[str, Any]) -> dict[str, Any]:
    """Return the pact without the `_id`s that `add_interaction_ids` has added; those of a client stay."""
    return {
        field: [_remove_id(item) for item in value]
        if field in INTERACTION_LISTS and isinstance(value, list)
        else value
        for field, value in pact.items()
    }


def content_sha(pact: dict[str, Any]) -> str:
    """Return the SHA-1 of the content, which does not depend on names, layout, or the order of keys and interactions.

    The recipe is that of the official broker, so that both give a pact the same identity.
    """
    lists = {
        field: [encode_canonical_json(item) for item in pact[field]]
        for field in INTERACTION_LISTS
        if isinstance(pact.get(field), list)
    }
    if not lists:
        # not sorted: the official broker hashes a document without these lists as it is
        return _sha1(encode_canonical_json(pact, sort_keys=False))
    # the official broker re-orders the first list only
    lists[next(iter(lists))].sort()
    parts = [f'"{field}":[{",".join(items)}]' for field, items in lists.items()]
    version = _specification_version(pact)
    if version is not None:
        parts.append(f'"pact_specification_version":{encode_canonical_json(version)}')
    return _sha1(f"{{{','.join(parts)}}}")


def find_interactions_error(pact: dict[str, Any]) -> str | None:
    """Return why the interactions or messages of a pact cannot be read, or None."""
    for field in INTERACTION_LISTS:
        items = pact.get(field, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return f"{field} must be a list of objects"
    return None


def _add_id(item: dict[str, Any]) -> dict[str, Any]:
    # an id that the client sent survives, as at the official broker
    if item.get("_id"):
        return item
    return {**item, "_id": _sha1(encode_canonical_json(item))}


def _remove_id(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    bare = {key: value for key, value in item.items() if key != "_id"}
    return bare if _add_id(bare) == item else item


def _specification_version(pact: dict[str, Any]) -> Any:
    metadata = pact.get("metadata")
    if not isinstance(metadata, dict):
        return None
    # Pact libraries have written the version in three ways
    for key in ("pactSpecification", "pact-specification"):
        if isinstance(metadata.get(key), dict) and "version" in metadata[key]:
            return metadata[key]["version"]
    return metadata.get("pactSpecificationVersion")


def _sha1(text: str) -> str:
    # an identifier, not a protection; some builds of Python refuse SHA-1 for the latter
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
