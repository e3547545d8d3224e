"""`schemas/<vendor>/index.json`: the names of what a vendor has, derived from its specs, so that a stub can say what it lacks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from provider_verification.conformance.operations import Operation
from provider_verification.conformance.schema_node import DocumentLoader, SchemaNode
from provider_verification.conformance.specs import verified_spec_path
from provider_verification.provider_version import SCHEMAS

INDEX_FILE = "index.json"
WEBSOCKET_METHOD = "WEBSOCKET"
ANY_NAME = "*"

Names = dict[str, Any]
"""The fields of an object by name, those of a list's items included; None as a value says nothing of what is inside."""


def derive_index(
    operations: Iterable[Operation], source: Mapping[str, Any], documents: DocumentLoader
) -> Names:
    """The index of a vendor, by method and path.

    Args:
        operations: those of the vendor's specs; a later one of the same method and path adds to an earlier one.
        source: the vendor's `source.json`.
        documents: reads the specs.
    """
    entries: dict[str, Names] = {}
    names: dict[str, str] = {}
    for operation in operations:
        name = names.setdefault(operation.key, f"{operation.method.upper()} {operation.path}")
        entry = entries.setdefault(name, {"query": []})
        entry["query"] = sorted({*entry["query"], *_parameter_names(operation, "query")})
        if headers := {name.lower() for name in _parameter_names(operation, "header")}:
            entry["headers"] = sorted({*entry.get("headers", ()), *headers})
        body = field_names(operation.request) if operation.request else operation.body_names
        if body:
            entry["body"] = body
    return entries | dict(_websockets(source, documents))


def _parameter_names(operation: Operation, location: str) -> set[str]:
    return {parameter.name for parameter in operation.parameters.values() if parameter.location == location}


def _websockets(source: Mapping[str, Any], documents: DocumentLoader) -> Iterator[tuple[str, Names]]:
    for name in sorted({reference.partition("#")[0] for reference in source.get("asyncapi", {}).values()}):
        yield from websocket_entries(verified_spec_path(name), documents)


def websocket_entries(file: Path, documents: DocumentLoader) -> Iterator[tuple[str, Names]]:
    """Every channel of an AsyncAPI document: its query parameters, and the fields of the messages that a client sends."""
    for path, channel in documents.read(file)["channels"].items():
        query = channel.get("bindings", {}).get("ws", {}).get("query", {}).get("properties", {})
        entry: Names = {"query": sorted(query)}
        # AsyncAPI 2 calls publish what a client sends.
        if "publish" in channel:
            entry["body"] = _message_names(SchemaNode.resolve(channel["publish"]["message"], file, documents))
        yield f"{WEBSOCKET_METHOD} {path}", entry


def _message_names(node: SchemaNode) -> Names:
    names: Names = {}
    for message in node.alternatives:
        names |= field_names(message.child(message.value["payload"])) or {}
    return names


def field_names(node: SchemaNode, ancestors: tuple[int, ...] = ()) -> Names | None:
    """The names of the fields in a schema; None if it lists none, and where it contains itself."""
    if id(node.value) in ancestors:
        return None
    nested = (*ancestors, id(node.value))
    names: Names = {}
    for alternative in node.alternatives:
        names |= _own_names(alternative, nested)
    return names or None


def _own_names(node: SchemaNode, ancestors: tuple[int, ...]) -> Names:
    if node.items is not None:
        return field_names(node.items, ancestors) or {}
    names: Names = {
        name: field_names(node.child(value), ancestors) for name, value in node.properties.items()
    }
    if node.additional_properties is not None:
        names[ANY_NAME] = field_names(node.additional_properties, ancestors)
    return names


def index_path(vendor: str, schemas: Path = SCHEMAS) -> Path:
    """Where the index of a vendor is."""
    return schemas / vendor / INDEX_FILE


def render_index(index: Names) -> str:
    """The text of the file: one line for each operation, so that a change is readable."""
    lines = (f"{json.dumps(name)}: {json.dumps(index[name], sort_keys=True)}" for name in sorted(index))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def index_differences(index: Names, file: Path) -> Iterator[str]:
    """What is wrong with a stored index, a sentence for each operation that differs."""
    stored: Names = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for name in sorted(index.keys() | stored.keys()):
        if name not in stored:
            yield f"{name} is missing"
        elif name not in index:
            yield f"{name} is listed, the vendor's specs do not have it"
        elif index[name] != stored[name]:
            yield f"{name} is listed with other parameters or fields than the vendor's specs have"
