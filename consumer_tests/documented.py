"""What the vendor's schemas say about the text of a value: its pattern, format and enumeration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consumer_tests.operations import find_operation, schema_document
from consumer_tests.patterns import PATTERN_BY_FORMAT, any_of_pattern

ANY_ELEMENT = "*"
"""Stands for the index of a list in a path of keys."""
MESSAGE_SCHEMAS = {"apaleo": "event.json", "livekit": "webhook.json"}
"""The files with the schema of a vendor's webhook events."""


class DocumentedText:
    """The patterns of the strings in one body, by path of keys.

    Args:
        vendor: the vendor, whose files the references name.
        schema: the schema of the body, or None if the vendor's schemas do not have it.
        file: the name of the file that contains the schema.
    """

    def __init__(self, vendor: str, schema: Mapping[str, Any] | None, file: str = "openapi.json") -> None:
        self._vendor = vendor
        self._root = (schema or {}, file)

    def patterns(self, path: Sequence[str]) -> list[str]:
        """Return the patterns that a string at this path matches according to the vendor's documentation."""
        nodes = list(self._resolve(*self._root))
        for key in path:
            nodes = [below for node, file in nodes for below in self._below(node, file, key)]
        # a value of several alternatives is not restricted by one of them
        return list(_text_patterns(nodes[0][0])) if len(nodes) == 1 else []

    def _below(self, node: Mapping[str, Any], file: str, key: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        schema = (
            node.get("items")
            if key == ANY_ELEMENT
            else node.get("properties", {}).get(key, node.get("additionalProperties"))
        )
        if isinstance(schema, dict):
            yield from self._resolve(schema, file)

    def _resolve(self, schema: Mapping[str, Any], file: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Yield the schemas that remain after references and alternatives are followed."""
        if "$ref" in schema:
            name, _, pointer = schema["$ref"].partition("#")
            target: Any = schema_document(self._vendor, name or file)
            for part in pointer.split("/")[1:]:
                target = target[part]
            yield from self._resolve(target, name or file)
        elif alternatives := next((schema[k] for k in ("anyOf", "oneOf", "allOf") if k in schema), None):
            for alternative in alternatives:
                if alternative.get("type") != "null":
                    yield from self._resolve(alternative, file)
        else:
            yield schema, file


def documented_response(vendor: str, method: str, path: str, status: int) -> DocumentedText:
    """Return what is documented about the JSON body of a response."""
    operation = find_operation(vendor, method, path)
    response = operation.definition.get("responses", {}).get(str(status), {}) if operation else {}
    if "$ref" in response:
        name = response["$ref"].rpartition("/")[2]
        response = schema_document(vendor, "openapi.json")["components"]["responses"][name]
    media_types = [body for name, body in response.get("content", {}).items() if "json" in name]
    return DocumentedText(vendor, media_types[0].get("schema") if media_types else None)


def documented_message(vendor: str) -> DocumentedText:
    """Return what is documented about the vendor's webhook events."""
    file = MESSAGE_SCHEMAS.get(vendor)
    return DocumentedText(vendor, schema_document(vendor, file) if file else None, file or "")


def _text_patterns(schema: Mapping[str, Any]) -> Iterator[str]:
    if pattern := schema.get("pattern"):
        # the verifier matches the whole text
        start, end = "" if pattern.startswith("^") else "^.*", "" if pattern.endswith("$") else ".*$"
        yield f"{start}{pattern}{end}"
    if pattern := PATTERN_BY_FORMAT.get(schema.get("format", "")):
        yield pattern
    if choices := [choice for choice in schema.get("enum", ()) if choice is not None]:
        yield any_of_pattern(choices)
