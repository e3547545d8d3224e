"""The operations of an API document in one form, whether it is Swagger 2.0 or OpenAPI 3.x."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.schema_node import DocumentLoader, SchemaNode

NodeFactory = Callable[[Any], SchemaNode]
METHODS = ("get", "put", "post", "delete", "patch", "head")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query, path or header parameter; `schema` is None if the document does not describe it."""

    name: str
    location: str
    required: bool
    schema: SchemaNode | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    Attributes:
        name: its operationId, or method and path.
        method: the HTTP method in lower case.
        path: the path template.
        parameters: by location and name.
        request: the schema of the request body, or None without a body.
        responses: the schema of the response body by status; None if it is not described.
        index_only: whether the document describes only names.
        body_names: the names of the body's fields, if they are known without a schema.
    """

    name: str
    method: str
    path: str
    parameters: Mapping[tuple[str, str], Parameter] = field(default_factory=dict)
    request: SchemaNode | None = None
    responses: Mapping[str, SchemaNode | None] = field(default_factory=dict)
    index_only: bool = False
    body_names: Mapping[str, None] | None = None

    @property
    def key(self) -> str:
        """Method and path without parameter names: equal for the same operation of two documents."""
        return f"{self.method.upper()} {re.sub(r'{[^}]*}', '{}', self.path)}"


def operations(file: Path, documents: DocumentLoader) -> Iterator[Operation]:
    """All operations of an OpenAPI or Swagger document.

    Raises:
        SpecError: the document has no paths.
    """
    content = documents.read(file)
    if not isinstance(content.get("paths"), dict):
        raise SpecError(f"{file} is not an OpenAPI document: it has no 'paths'")
    for path, item in content["paths"].items():
        for method, operation in item.items():
            # OpenAPI has no LIST, which Vault uses: schemas/ writes it as x-method-list.
            if method in METHODS or method.startswith("x-method-"):
                described = {
                    **operation,
                    "parameters": [*item.get("parameters", ()), *operation.get("parameters", ())],
                }
                yield _operation(method.removeprefix("x-method-"), path, described, file, documents)


def indexed_operations(file: Path, documents: DocumentLoader) -> Iterator[Operation]:
    """The operations of an index `{"GET /path": {"query": {name: required}}}`: paths and query parameters only."""
    for key, entry in documents.read(file).items():
        method, _, path = key.partition(" ")
        parameters = {
            ("query", name): Parameter(name, "query", required, None)
            for name, required in entry.get("query", {}).items()
        }
        if entry.get("idempotencyKey"):
            parameters["header", "idempotency-key"] = Parameter("Idempotency-Key", "header", False, None)  # noqa: FBT003 - a field
        yield Operation(key, method, path, parameters, index_only=True)


def merge_descriptions(described: Iterable[Operation]) -> dict[str, Operation]:
    """Return the operations by key; a full description replaces an index of the same operation.

    The query parameters of both count: an index can be newer than a description.
    """
    merged: dict[str, Operation] = {}
    for operation in described:
        earlier = merged.get(operation.key)
        parameters = {**earlier.parameters, **operation.parameters} if earlier else operation.parameters
        merged[operation.key] = replace(operation, parameters=parameters)
    return merged


def _operation(
    method: str, path: str, described: Mapping[str, Any], file: Path, documents: DocumentLoader
) -> Operation:
    def node(schema: Any) -> SchemaNode:
        return SchemaNode.resolve(schema, file, documents)

    parameters = [_resolve(item, file, documents) for item in described["parameters"]]
    return Operation(
        name=described.get("operationId") or f"{method.upper()} {path}",
        method=method,
        path=path,
        parameters={
            (item["in"], item["name"].lower() if item["in"] == "header" else item["name"]): Parameter(
                item["name"],
                item["in"],
                item.get("required", False),
                node(item.get("schema", _inline_schema(item))),
            )
            for item in parameters
            if item["in"] in {"query", "path", "header"}
        },
        request=_request(described, parameters, node),
        responses={
            status: _response(_resolve(response, file, documents), node)
            for status, response in described.get("responses", {}).items()
        },
    )


def _resolve(item: Mapping[str, Any], file: Path, documents: DocumentLoader) -> Mapping[str, Any]:
    return SchemaNode.resolve(item, file, documents).value if "$ref" in item else item


def _inline_schema(item: Mapping[str, Any]) -> dict[str, Any]:
    """A Swagger 2.0 parameter as a schema, without the members that mean something else there."""
    return {key: value for key, value in item.items() if key not in {"required", "name", "in"}}


def _request(
    described: Mapping[str, Any], parameters: list[Mapping[str, Any]], node: NodeFactory
) -> SchemaNode | None:
    # Swagger 2.0 describes the body as a parameter.
    for item in parameters:
        if item["in"] == "body":
            return node(item["schema"])
    content = described.get("requestBody", {}).get("content", {})
    return _content(content, node)


def _response(response: Mapping[str, Any], node: NodeFactory) -> SchemaNode | None:
    if "schema" in response:
        return node(response["schema"])
    return _content(response.get("content", {}), node)


def _content(content: Mapping[str, Any], node: NodeFactory) -> SchemaNode | None:
    for media_type, body in content.items():
        if "json" in media_type and "schema" in body:
            return node(body["schema"])
    return None
