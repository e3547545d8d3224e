"""What a vendor's schemas say about a place in a request or response: which members are required, which values allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contract_strength.json_mutations import Path
from provider_verification.stubs.engine.openapi import SCHEMAS, Operation
from provider_verification.stubs.engine.schema_files import SchemaFiles, SchemaNode

BRANCHES = ("allOf", "anyOf", "oneOf")


class VendorSchemas:
    """The schemas of one vendor, as text: the compiled ones decide about whole bodies only."""

    def __init__(self, vendor: str) -> None:
        self._files = SchemaFiles(SCHEMAS / vendor)

    def request_schema(self, operation: Operation, media_type: str) -> SchemaNode | None:
        """Return the schema of an operation's request body."""
        node = self._operation(operation)
        if "requestBody" not in node.value:
            return None
        return self._content(self._files.resolve(node.child("requestBody")), media_type)

    def response_schema(self, operation: Operation, status: int, media_type: str) -> SchemaNode | None:
        """Return the schema of an operation's response."""
        node = self._operation(operation)
        if str(status) not in node.value["responses"]:
            return None
        return self._content(self._files.resolve(node.child("responses", str(status))), media_type)

    def choices(self, schema: SchemaNode | None, path: Path) -> list[str]:
        """Return the texts that the schema allows at a path; empty if any is allowed."""
        texts: list[str] = []
        for node in self._at(schema, path):
            values: Sequence[Any] = node.value.get("enum", ())
            texts += [value for value in values if isinstance(value, str)]
        return list(dict.fromkeys(texts))

    def required_paths(self, schema: SchemaNode | None, body: Any, path: Path = ()) -> Iterator[Path]:
        """Yield the path of each member of a body that the schema requires; of a list, those of its first element."""
        if isinstance(body, dict):
            required = {name for node in self._at(schema, path) for name in node.value.get("required", ())}
            for name, value in body.items():
                if name in required:
                    yield (*path, name)
                yield from self.required_paths(schema, value, (*path, name))
        elif isinstance(body, list) and body:
            yield from self.required_paths(schema, body[0], (*path, 0))

    def _at(self, schema: SchemaNode | None, path: Path) -> list[SchemaNode]:
        """Return the schemas that apply at a path, those of `anyOf` and `oneOf` only where there is one branch."""
        nodes = list(self._applicable(schema)) if schema else []
        for part in path:
            children = [child for node in nodes if (child := _child(node, part))]
            nodes = [applicable for child in children for applicable in self._applicable(child)]
        return nodes

    def _applicable(self, node: SchemaNode) -> Iterator[SchemaNode]:
        if not isinstance(node.value, dict):
            return
        siblings = {key: value for key, value in node.value.items() if key != "$ref"}
        if "$ref" in node.value and siblings:
            yield SchemaNode(node.uri, siblings)
        node = self._files.resolve(node)
        yield node
        for keyword in BRANCHES:
            branches = node.value.get(keyword, ())
            # which of several branches applies depends on the value; `null` is no branch of its own
            numbers = [i for i, branch in enumerate(branches) if branch.get("type") != "null"]
            if keyword == "allOf" or len(numbers) == 1:
                for number in numbers:
                    yield from self._applicable(node.child(keyword, number))

    def _operation(self, operation: Operation) -> SchemaNode:
        item = self._files.openapi.child("paths", operation.path_template)
        method = operation.method.lower()
        return item.child(method if method in item.value else f"x-method-{method}")

    def _content(self, node: SchemaNode, media_type: str) -> SchemaNode | None:
        content = node.value.get("content", {})
        has_schema = media_type in content and "schema" in content[media_type]
        return node.child("content", media_type, "schema") if has_schema else None


def _child(node: SchemaNode, part: str | int) -> SchemaNode | None:
    if isinstance(part, int):
        return node.child("items") if "items" in node.value else None
    if part in node.value.get("properties", {}):
        return node.child("properties", part)
    return node.child("additionalProperties") if node.value.get("additionalProperties") else None
