"""A vendor's contract as data: `schemas/<vendor>/openapi.json` and the payload schemas beside it, compiled once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMAS = Path(__file__).parents[3] / "schemas"
METHODS = {"get", "put", "post", "delete", "patch", "head", "x-method-list"}
SCHEMA_BASE_URI = "schema:///"


class ContractError(Exception):
    """A schema file is missing or wrong; the message says which and where."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query or header parameter: its type, whether it is a comma-separated list, and its validator."""

    name: str
    location: str
    required: bool
    scalar_type: str
    is_list: bool
    validator: jsonschema_rs.Validator


@dataclass(frozen=True, slots=True)
class Response:
    """What an operation may answer with a status: validators by media type (None: any bytes), and required headers."""

    content: Mapping[str, jsonschema_rs.Validator | None]
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `body` has a validator per media type; any one of `scopes` lets a caller in."""

    operation_id: str
    method: str
    path_template: str
    pattern: re.Pattern[str]
    public: bool
    scopes: frozenset[str]
    parameters: tuple[Parameter, ...]
    body: Mapping[str, jsonschema_rs.Validator | None]
    body_required: bool
    responses: Mapping[int, Response]
    schema_pointer: str


class OpenApiContract:
    """All operations of a vendor.

    Args:
        folder: holds openapi.json and the payload schemas.

    Raises:
        ContractError: a file is unreadable, a reference leads nowhere, or a schema is no JSON Schema.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._documents = {path.name: _read(path) for path in sorted(folder.glob("*.json"))}
        if "openapi.json" not in self._documents:
            raise ContractError(f"{folder / 'openapi.json'} is missing: it lists the vendor's operations")
        resources = [(SCHEMA_BASE_URI + name, document) for name, document in self._documents.items()]
        self._registry = jsonschema_rs.Registry(resources)
        self._root = self._documents["openapi.json"]
        self._messages: dict[tuple[str, str], jsonschema_rs.Validator] = {}
        self.operations = list(self._operations())

    def match_operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a method and path, with the path's parameters."""
        for operation in self.operations:
            if operation.method == method and (match := operation.pattern.fullmatch(path)):
                return operation, match.groupdict()
        return None

    def has_path(self, path: str) -> bool:
        """Whether any method is known on this path."""
        return any(operation.pattern.fullmatch(path) for operation in self.operations)

    def message_validator(self, file: str, kind: str) -> jsonschema_rs.Validator:
        """The validator of a message: one of the `$defs` of a payload file."""
        if (file, kind) not in self._messages:
            self._messages[file, kind] = self._compiled(file, ("$defs", kind))
        return self._messages[file, kind]

    def _operations(self) -> Iterator[Operation]:
        # Literal paths come before those with parameters: /users/me is not the user called "me".
        for template, item in sorted(self._root["paths"].items(), key=lambda entry: entry[0].count("{")):
            for method in METHODS & item.keys():
                yield self._operation(template, method, item)

    def _operation(self, template: str, method: str, item: Mapping[str, Any]) -> Operation:
        described = item[method]
        pointer = ("paths", template, method)
        security = described.get("security", self._root.get("security", [{}]))
        body = self._resolve(described.get("requestBody", {}), (*pointer, "requestBody"))
        parameters = [
            *self._parameters(item.get("parameters", ()), ("paths", template, "parameters")),
            *self._parameters(described.get("parameters", ()), (*pointer, "parameters")),
        ]
        return Operation(
            operation_id=described["operationId"],
            method=method.removeprefix("x-method-").upper(),
            path_template=template,
            pattern=_pattern(template),
            public=not security,
            scopes=frozenset(scope for scheme in security for scopes in scheme.values() for scope in scopes),
            parameters=tuple(parameters),
            body=self._content(*body),
            body_required=body[0].get("required", False),
            responses={
                int(status): self._response(*self._resolve(answer, (*pointer, "responses", status)))
                for status, answer in described["responses"].items()
            },
            schema_pointer=f"schemas/{self.folder.name}/openapi.json#/{_escape(*pointer)}",
        )

    def _parameters(self, items: Any, pointer: tuple[str, ...]) -> Iterator[Parameter]:
        for number, raw in enumerate(items):
            item, place = self._resolve(raw, (*pointer, str(number)))
            if item["in"] == "path":
                continue
            schema = self._resolve(item["schema"], (*place, "schema"))[0]
            is_list = schema.get("type") == "array"
            element = self._resolve(schema["items"], (*place, "schema", "items"))[0] if is_list else schema
            yield Parameter(
                name=item["name"].lower() if item["in"] == "header" else item["name"],
                location=item["in"],
                required=item.get("required", False),
                scalar_type=_scalar_type(element),
                is_list=is_list,
                validator=self._validator((*place, "schema")),
            )

    def _response(self, answer: Mapping[str, Any], pointer: tuple[str, ...]) -> Response:
        required = tuple(
            name.lower() for name, header in answer.get("headers", {}).items() if header.get("required")
        )
        return Response(self._content(answer, pointer), required)

    def _content(
        self, holder: Mapping[str, Any], pointer: tuple[str, ...]
    ) -> dict[str, jsonschema_rs.Validator | None]:
        return {
            media_type: self._validator((*pointer, "content", media_type, "schema"))
            if "schema" in body
            else None
            for media_type, body in holder.get("content", {}).items()
        }

    def _resolve(
        self, item: Mapping[str, Any], pointer: tuple[str, ...]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """An item of openapi.json with a reference inside that file, or to a payload file, followed."""
        reference = item.get("$ref")
        if reference is None:
            return item, pointer
        name, _, path = reference.partition("#/")
        place = tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")) if path else ()
        value: Any = self._documents.get(name or "openapi.json")
        for part in place:
            value = value.get(part) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            raise ContractError(f"{self.folder.name}/openapi.json: the reference '{reference}' leads nowhere")
        return value, place if not name else pointer

    def _validator(self, pointer: tuple[str, ...]) -> jsonschema_rs.Validator:
        return self._compiled("openapi.json", pointer)

    def _compiled(self, file: str, pointer: tuple[str, ...]) -> jsonschema_rs.Validator:
        try:
            return jsonschema_rs.validator_for(
                {"$ref": f"{SCHEMA_BASE_URI}{file}#/{_escape(*pointer)}"},
                registry=self._registry,
                validate_formats=True,
            )
        except (jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError) as error:
            raise ContractError(f"{self.folder.name}/{file} at {'/'.join(pointer)}: {error}") from None


def load_contract(vendor: str) -> OpenApiContract:
    """The contract of a vendor by its name."""
    return OpenApiContract(SCHEMAS / vendor)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ContractError(f"{path} is not JSON: {error}") from None


def _pattern(template: str) -> re.Pattern[str]:
    """`{id}` is one segment of a path, `{+path}` any number of them, as in RFC 6570."""
    parts = re.split(r"\{(\+?\w+)\}", template)
    pieces = [
        _parameter_pattern(part) if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(pieces))


def _parameter_pattern(name: str) -> str:
    return f"(?P<{name[1:]}>.+)" if name.startswith("+") else f"(?P<{name}>[^/]+)"


def _scalar_type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "string")
    return str(kind) if isinstance(kind, str) else next(name for name in kind if name != "null")


def _escape(*parts: str) -> str:
    return "/".join(
        part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for part in parts
    )
