"""A vendor's operations: `schemas/<vendor>/openapi.json` with its payload schemas, compiled once."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.field_names import FieldTree, merge_fields, read_fields
from provider_verification.stubs.engine.path_template import compile_path
from provider_verification.stubs.engine.schema_files import Schema, SchemaFiles, SchemaNode, json_pointer

SCHEMAS = Path(__file__).parents[3] / "schemas"
DEFAULT_STATUS = "default"
METHODS = {"get", "put", "post", "delete", "patch", "head", "x-method-list"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query or header parameter. A list is one text separated by commas, or `repeated` once for each value."""

    name: str
    location: str
    required: bool
    scalar_type: str
    is_list: bool
    schema: Schema
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """A documented response: a schema per media type (None: any bytes), and the required headers in lower case."""

    content: Mapping[str, Schema | None]
    required_headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    Attributes:
        scopes: a principal needs one of them, if there are any.
        body: the schema of the request body per media type.
        fields: the names of the body's fields in any media type.
        default_response: describes every status that `responses` does not name, if the vendor may send any.
    """

    operation_id: str
    method: str
    path_template: str
    pattern: re.Pattern[str]
    public: bool
    scopes: frozenset[str]
    parameters: tuple[Parameter, ...]
    body: Mapping[str, Schema | None]
    body_required: bool
    fields: FieldTree
    responses: Mapping[int, Response]
    default_response: Response | None
    schema_pointer: str


class OpenApiContract:
    """All operations of a vendor.

    Args:
        folder: holds openapi.json and the payload schemas.

    Raises:
        ContractError: a file is unreadable, a reference leads nowhere, or a schema is not a valid JSON Schema.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = SchemaFiles(folder)
        self._messages: dict[tuple[str, str], Schema] = {}
        self.operations = list(_read_operations(self._files))

    def match_operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a method and path with the path's parameters, or None."""
        for operation in self.operations:
            if operation.method == method and (match := operation.pattern.fullmatch(path)):
                return operation, match.groupdict()
        return None

    def has_path(self, path: str) -> bool:
        """Return whether the path has an operation, whatever its method."""
        return any(operation.pattern.fullmatch(path) for operation in self.operations)

    def message_schema(self, file: str, kind: str) -> Schema:
        """Return the schema of a message: one of the `$defs` of a payload file."""
        key = (file, kind)
        if key not in self._messages:
            self._messages[key] = self._files.compile(self._files.definition(file, kind))
        return self._messages[key]

    def message_fields(self, file: str, kinds: Iterable[str]) -> FieldTree:
        """Return the names of the fields in messages of any of these kinds; None without a kind."""
        return merge_fields([read_fields(self._files, self._files.definition(file, kind)) for kind in kinds])


@functools.cache
def load_contract(vendor: str) -> OpenApiContract:
    """Return the contract of a vendor by its name; the files are read once in a process."""
    return OpenApiContract(SCHEMAS / vendor)


def _read_operations(files: SchemaFiles) -> Iterator[Operation]:
    paths = files.openapi.child("paths")
    # Literal paths come before those with parameters: /users/me is not the user called "me".
    for template in sorted(paths.value, key=lambda path: path.count("{")):
        item = paths.child(template)
        for method in METHODS & item.value.keys():
            yield _read_operation(files, template, item, method)


def _read_operation(files: SchemaFiles, template: str, item: SchemaNode, method: str) -> Operation:
    node = item.child(method)
    security = node.value.get("security", files.openapi.value.get("security", [{}]))
    request_body = files.resolve(node.child("requestBody")) if "requestBody" in node.value else None
    pointer = json_pointer("paths", template, method)
    responses = {
        status: _read_response(files, files.resolve(node.child("responses", status)))
        for status in node.value["responses"]
    }
    return Operation(
        operation_id=node.value["operationId"],
        method=method.removeprefix("x-method-").upper(),
        path_template=template,
        pattern=compile_path(template),
        public=not security,
        scopes=frozenset(scope for scheme in security for scopes in scheme.values() for scope in scopes),
        parameters=(*_read_parameters(files, item), *_read_parameters(files, node)),
        body=_read_content(files, request_body) if request_body else {},
        body_required=bool(request_body and request_body.value.get("required", False)),
        fields=_read_body_fields(files, request_body) if request_body else None,
        responses={
            int(status): response for status, response in responses.items() if status != DEFAULT_STATUS
        },
        default_response=responses.get(DEFAULT_STATUS),
        schema_pointer=f"schemas/{files.folder.name}/openapi.json#/{pointer}",
    )


def _read_parameters(files: SchemaFiles, holder: SchemaNode) -> Iterator[Parameter]:
    for number in range(len(holder.value.get("parameters", ()))):
        node = files.resolve(holder.child("parameters", number))
        if node.value["in"] == "path":
            continue
        schema = files.resolve(node.child("schema"))
        is_list = schema.value.get("type") == "array"
        scalar = files.resolve(schema.child("items")) if is_list else schema
        yield Parameter(
            name=node.value["name"].lower() if node.value["in"] == "header" else node.value["name"],
            location=node.value["in"],
            required=node.value.get("required", False),
            scalar_type=_scalar_type(scalar.value),
            is_list=is_list,
            schema=files.compile(schema),
            is_repeated=is_list and node.value.get("explode", False),
        )


def _read_response(files: SchemaFiles, node: SchemaNode) -> Response:
    headers = node.value.get("headers", {})
    required = tuple(name.lower() for name, header in headers.items() if header.get("required"))
    return Response(_read_content(files, node), required)


def _read_content(files: SchemaFiles, holder: SchemaNode) -> dict[str, Schema | None]:
    content = holder.value.get("content", {})
    return {
        media_type: files.compile(holder.child("content", media_type, "schema")) if "schema" in body else None
        for media_type, body in content.items()
    }


def _read_body_fields(files: SchemaFiles, body: SchemaNode) -> FieldTree:
    content = body.value.get("content", {})
    return merge_fields(
        [
            read_fields(files, body.child("content", media_type, "schema"))
            for media_type, described in content.items()
            if "schema" in described
        ]
    )


def _scalar_type(schema: Mapping[str, Any]) -> str:
    names = schema.get("type", "string")
    return names if isinstance(names, str) else next(name for name in names if name != "null")
