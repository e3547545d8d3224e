"""When two pacts are the same: their interactions are, in whatever order and layout."""

from __future__ import annotations

import hashlib
import json
from typing import Any

LISTS = ("interactions", "messages")


def with_ids(pact: dict[str, Any]) -> dict[str, Any]:
    """The pact with an `_id` on each interaction or message, by which test results name them."""
    return {
        name: [_identified(item) for item in part] if _is_list(name, part) else part
        for name, part in pact.items()
    }


def sha(pact: dict[str, Any]) -> str:
    """The identity of the content: names, layout, order of keys and of interactions do not count."""
    if not any(isinstance(pact.get(name), list) for name in LISTS):
        return _digest(pact)
    content: dict[str, Any] = {}
    first = True
    for name in LISTS:
        if isinstance(pact.get(name), list):
            items = [_sorted(item) for item in pact[name]]
            content[name] = sorted(items, key=_compact) if first else items
            first = False
    version = _specification(pact)
    if version is not None:
        content["pact_specification_version"] = version
    return _digest(content)


def _identified(item: Any) -> Any:
    if not isinstance(item, dict) or item.get("_id"):
        return item
    return {**item, "_id": _digest(_sorted(item))}


def _is_list(name: str, part: Any) -> bool:
    return name in LISTS and isinstance(part, list)


def _specification(pact: dict[str, Any]) -> Any:
    metadata = pact.get("metadata")
    if not isinstance(metadata, dict):
        return None
    for key in ("pactSpecification", "pact-specification"):
        if isinstance(metadata.get(key), dict) and "version" in metadata[key]:
            return metadata[key]["version"]
    return metadata.get("pactSpecificationVersion")


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _digest(value: Any) -> str:
    return hashlib.sha1(_compact(value).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
