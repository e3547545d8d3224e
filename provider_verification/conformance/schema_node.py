"""A schema in one form, whether it is written in Swagger 2.0, OpenAPI 3.x or JSON Schema 2020-12."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from provider_verification.conformance.errors import SpecError

MAX_REFERENCES = 50
"""References followed in a row before a document is reported as circular."""


class DocumentLoader:
    """Reads JSON and YAML documents, each file once."""

    def __init__(self) -> None:
        self._documents: dict[Path, Any] = {}

    def read(self, path: Path) -> Any:
        """The content of a document.

        Raises:
            SpecError: the file is missing, or does not contain an object.
        """
        path = path.resolve()
        if path not in self._documents:
            self._documents[path] = _load(path)
        return self._documents[path]


@dataclass(frozen=True, eq=False)
class SchemaNode:
    """A schema, with the file and the loader that its references are resolved with."""

    value: Mapping[str, Any]
    file: Path
    documents: DocumentLoader

    @classmethod
    def resolve(cls, value: Any, file: Path, documents: DocumentLoader) -> SchemaNode:
        """The schema that a value stands for, with references followed and `allOf` merged.

        Raises:
            SpecError: a reference cannot be resolved, or the value is not a schema.
        """
        for _ in range(MAX_REFERENCES):
            if not isinstance(value, dict):
                raise SpecError(f"{file.name}: a schema should be an object, it is {value!r}")
            if "$ref" not in value:
                return cls(_merged(value, file, documents), file, documents)
            value, file = _follow(value["$ref"], file, documents)
        raise SpecError(f"{file.name}: the references are circular")

    def child(self, value: Any) -> SchemaNode:
        """The schema of a value inside this one."""
        return SchemaNode.resolve(value, self.file, self.documents)

    @cached_property
    def alternatives(self) -> tuple[SchemaNode, ...]:
        """The alternatives of `anyOf`, `oneOf` or a list of types; the schema itself if it has none."""
        choices = [*self.value.get("anyOf", ()), *self.value.get("oneOf", ())]
        if choices:
            return tuple(alternative for choice in choices for alternative in self.child(choice).alternatives)
        if len(self.types) > 1:
            not_nullable = {
                name: part for name, part in self.value.items() if name not in {"nullable", "x-nullable"}
            }
            return tuple(self.child({**not_nullable, "type": name}) for name in sorted(self.types))
        return (self,)

    @cached_property
    def types(self) -> frozenset[str]:
        """The allowed JSON types; empty if every type is allowed. A nullable schema allows `null`."""
        declared = self.value.get("type", ())
        if not isinstance(declared, str | list | tuple):
            raise SpecError(
                f"{self.file.name}: 'type' should be a type or a list of types, it is {declared!r}"
            )
        names = {declared} if isinstance(declared, str) else set(declared)
        if not names and ("properties" in self.value or "additionalProperties" in self.value):
            names = {"object"}
        if not names and "const" in self.value:
            names = {_json_type(self.value["const"])}
        if self.value.get("nullable") or self.value.get("x-nullable"):
            names.add("null")
        return frozenset(names)

    @cached_property
    def properties(self) -> dict[str, Any]:
        """The declared properties by name."""
        return dict(self.value.get("properties", {}))

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the required properties."""
        return frozenset(self.value.get("required", ()))

    @cached_property
    def additional_properties(self) -> SchemaNode | None:
        """The schema of undeclared properties, for a schema that describes a map."""
        extra = self.value.get("additionalProperties")
        return self.child(extra) if isinstance(extra, dict) else None

    @cached_property
    def items(self) -> SchemaNode | None:
        """The schema of the elements of an array."""
        return self.child(self.value["items"]) if isinstance(self.value.get("items"), dict) else None

    @cached_property
    def enum_values(self) -> tuple[Any, ...] | None:
        """The values of `enum` or `const`, without null; None if any value is allowed."""
        values = [self.value["const"]] if "const" in self.value else self.value.get("enum")
        return None if values is None else tuple(value for value in values if value is not None)

    @property
    def format(self) -> str | None:
        """The format of a string or number."""
        return self.value.get("format")


def _load(path: Path) -> Any:
    language, load = ("YAML", yaml.safe_load) if path.suffix == ".yml" else ("JSON", json.loads)
    try:
        content = load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{path} is missing") from None
    except (ValueError, OSError, yaml.YAMLError) as error:
        raise SpecError(f"{path} cannot be read as {language}: {error}") from None
    if not isinstance(content, dict):
        raise SpecError(f"{path} should contain a JSON object, it contains a {type(content).__name__}")
    return content


def _follow(reference: str, file: Path, documents: DocumentLoader) -> tuple[Any, Path]:
    name, _, pointer = reference.partition("#")
    file = file.parent / name if name else file
    value = documents.read(file)
    for part in filter(None, pointer.split("/")):
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or key not in value:
            raise SpecError(
                f"{file.name}: the reference '{reference}' cannot be resolved: there is no '{key}'"
            )
        value = value[key]
    return value, file


def _merged(value: dict[str, Any], file: Path, documents: DocumentLoader) -> Mapping[str, Any]:
    if "allOf" not in value:
        return value
    merged: dict[str, Any] = {key: item for key, item in value.items() if key != "allOf"}
    merged["properties"] = dict(merged.get("properties", {}))
    required = set(merged.get("required", ()))
    for part in value["allOf"]:
        node = SchemaNode.resolve(part, file, documents)
        merged["properties"] = {**node.properties, **merged["properties"]}
        required |= node.required
        merged = {**node.value, **merged}
    # An allOf requires what any of its parts requires.
    merged["required"] = sorted(required)
    if not merged["properties"]:
        del merged["properties"]
    return merged


def _json_type(value: Any) -> str:
    names: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}
    return names.get(type(value), "array" if isinstance(value, list) else "null")
