"""Identity of pact contents: two pacts with the same interactions are equal in any order and layout."""

from __future__ import annotations

import hashlib
from typing import Any

from broker.domain.json_document import encode_canonical_json

INTERACTION_LISTS = ("interactions", "messages")


def identify(pact: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the pact with an `_id` on each interaction or message, which test results refer to, and the SHA-1 of its content.

    The SHA-1 does not depend on names, layout, or the order of keys and interactions. The recipe is that of the official
    broker, so that both give a pact the same identity.
    """
    texts = {
        field: [encode_canonical_json(item) for item in pact[field]]
        for field in INTERACTION_LISTS
        if isinstance(pact.get(field), list)
    }
    document = {
        field: [_add_id(item, text) for item, text in zip(value, texts[field], strict=True)]
        if field in texts
        else value
        for field, value in pact.items()
    }
    return document, _content_sha(pact, texts)


def remove_generated_ids(pact: dict[str, Any]) -> dict[str, Any]:
    """Return the pact without the `_id`s that `identify` has added; those of a client stay."""
    return {
        field: [_remove_id(item) for item in value]
        if field in INTERACTION_LISTS and isinstance(value, list)
        else value
        for field, value in pact.items()
    }


def find_interactions_error(pact: dict[str, Any]) -> str | None:
    """Return why the interactions or messages of a pact cannot be read, or None."""
    for field in INTERACTION_LISTS:
        items = pact.get(field, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return f"{field} must be a list of objects"
    return None


def _content_sha(pact: dict[str, Any], texts: dict[str, list[str]]) -> str:
    if not texts:
        # not sorted: the official broker hashes a document without these lists as it is
        return _sha1(encode_canonical_json(pact, sort_keys=False))
    # the official broker re-orders the first list only
    first = next(iter(texts))
    lists = {**texts, first: sorted(texts[first])}
    parts = [f'"{field}":[{",".join(items)}]' for field, items in lists.items()]
    version = _specification_version(pact)
    if version is not None:
        parts.append(f'"pact_specification_version":{encode_canonical_json(version)}')
    return _sha1(f"{{{','.join(parts)}}}")


def _add_id(item: dict[str, Any], text: str) -> dict[str, Any]:
    # an id that the client sent survives, as at the official broker
    return item if item.get("_id") else {**item, "_id": _sha1(text)}


def _remove_id(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    bare = {key: value for key, value in item.items() if key != "_id"}
    return bare if _add_id(bare, encode_canonical_json(bare)) == item else item


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
