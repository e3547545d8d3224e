"""When two pacts are the same: their interactions are, in whatever order and layout."""

from __future__ import annotations

import hashlib
import json
from typing import Any

INTERACTION_LISTS = ("interactions", "messages")


def add_interaction_ids(pact: dict[str, Any]) -> dict[str, Any]:
    """The pact with an `_id` on each interaction or message, by which test results name them."""
    return {
        name: [_identified(item) for item in part] if _is_list(name, part) else part
        for name, part in pact.items()
    }


def content_sha(pact: dict[str, Any]) -> str:
    """The identity of the content: names, layout, order of keys and of interactions do not count."""
    lists = {
        name: list(map(_canonical, pact[name]))
        for name in INTERACTION_LISTS
        if isinstance(pact.get(name), list)
    }
    if not lists:
        return _digest(json.dumps(pact, separators=(",", ":"), ensure_ascii=False))
    lists[next(iter(lists))].sort()
    parts = [f'"{name}":[{",".join(items)}]' for name, items in lists.items()]
    version = _specification(pact)
    if version is not None:
        parts.append(f'"pact_specification_version":{_canonical(version)}')
    return _digest(f"{{{','.join(parts)}}}")


def _identified(item: Any) -> Any:
    if not isinstance(item, dict) or item.get("_id"):
        return item
    return {**item, "_id": _digest(_canonical(item))}


def _is_list(name: str, part: Any) -> bool:
    return name in INTERACTION_LISTS and isinstance(part, list)


def _specification(pact: dict[str, Any]) -> Any:
    metadata = pact.get("metadata")
    if not isinstance(metadata, dict):
        return None
    for key in ("pactSpecification", "pact-specification"):
        if isinstance(metadata.get(key), dict) and "version" in metadata[key]:
            return metadata[key]["version"]
    return metadata.get("pactSpecificationVersion")


def _canonical(value: Any) -> str:
    """The same text for the same value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
