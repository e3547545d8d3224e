"""Identity of pact contents: two pacts with the same interactions are equal in any order and layout.

Most interactions of a pact are those of the version before, so that their encodings are kept.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from broker.domain.json_document import encode_canonical_json, encode_json, find_value_error

INTERACTION_LISTS = ("interactions", "messages")
ITEM_LEVELS = 2
"""Levels of a pact around an interaction: the object and the list."""

MAX_KNOWN_BYTES = 8 * 1024 * 1024
"""Memory for the encodings of interactions; real ones take 3 KB each."""


class EncodedItem(NamedTuple):
    """An interaction or message as it is compared, and as it is stored."""

    canonical: str
    stored: str


class KnownItems:
    """The encodings of interactions by their texts as a client sent them; all are forgotten when they are too many."""

    def __init__(self) -> None:
        self._items: dict[str, EncodedItem] = {}
        self._bytes = 0

    def __contains__(self, text: str) -> bool:
        """Return whether an interaction with this text was encoded before."""
        return text in self._items

    def encode(self, text: str, item: dict[str, Any]) -> EncodedItem:
        """Return the encodings of an interaction, which must have no error."""
        known = self._items.get(text)
        if known is not None:
            return known
        encoded = _encode(item)
        size = sum(map(sys.getsizeof, (text, *encoded)))
        if self._bytes + size > MAX_KNOWN_BYTES:
            self._items, self._bytes = {}, 0
        self._items[text] = encoded
        self._bytes += size
        return encoded


_known_items = KnownItems()


def find_pact_error(pact: dict[str, Any], item_texts: Mapping[str, Sequence[str]], source: str) -> str | None:
    """Return why a decoded pact cannot be stored, or None.

    Args:
        pact: the pact.
        item_texts: the texts of the items of its lists, as far as they are known.
        source: the text of the pact.
    """
    # the value first: the other check may quote what it finds
    if not item_texts or _has_value_error(pact, item_texts):
        return find_value_error(pact, source) or find_interactions_error(pact)
    return find_interactions_error(pact)


def _has_value_error(pact: dict[str, Any], item_texts: Mapping[str, Sequence[str]]) -> bool:
    """Return what `find_value_error` finds, part by part: an interaction that was encoded before has no error."""
    rest = {field: value for field, value in pact.items() if field not in item_texts}
    return find_value_error(rest) is not None or any(
        text not in _known_items and find_value_error(item, text, ITEM_LEVELS)
        for field, texts in item_texts.items()
        for item, text in zip(pact[field], texts, strict=True)
    )


def identify(pact: dict[str, Any], item_texts: Mapping[str, Sequence[str]] | None = None) -> tuple[str, str]:
    """Return the pact as JSON with an `_id` on each interaction or message, which test results refer to, and the SHA-1 of its content.

    The SHA-1 does not depend on names, layout, or the order of keys and interactions. The recipe is that of the official
    broker, so that both give a pact the same identity.

    Args:
        pact: a pact without an error.
        item_texts: the texts of the items of its lists as a client sent them, as far as they are known.
    """
    items = {
        field: _encode_items(pact[field], (item_texts or {}).get(field))
        for field in INTERACTION_LISTS
        if isinstance(pact.get(field), list)
    }
    members = [
        f"{encode_json(field)}: "
        + (f"[{', '.join(item.stored for item in items[field])}]" if field in items else encode_json(value))
        for field, value in pact.items()
    ]
    canonical = {field: [item.canonical for item in encoded] for field, encoded in items.items()}
    return f"{{{', '.join(members)}}}", _content_sha(pact, canonical)


def _encode_items(items: Sequence[dict[str, Any]], texts: Sequence[str] | None) -> list[EncodedItem]:
    if texts is None:
        return [_encode(item) for item in items]
    return [_known_items.encode(text, item) for text, item in zip(texts, items, strict=True)]


def _encode(item: dict[str, Any]) -> EncodedItem:
    canonical = encode_canonical_json(item)
    return EncodedItem(canonical, encode_json(_add_id(item, canonical)))


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
