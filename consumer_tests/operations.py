"""The operations of vendors by their names in `schemas/<vendor>/openapi.json`, and what the schemas say of responses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "schemas"
METHOD_PREFIX = "x-method-"
"""Precedes the name of a method that OpenAPI does not have, such as Vault's LIST."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a vendor.

    Attributes:
        parameters: the parameters of the path by name; their values are those of one request.
        definition: the operation in the OpenAPI document.
    """

    operation_id: str
    parameters: dict[str, str]
    definition: dict[str, Any]


def describe_operation(vendor: str, method: str, path: str) -> str:
    """Return method, path and operationId; without the latter if the vendor's schemas lack the operation."""
    operation = find_operation(vendor, method, path)
    return f"{method} {path}, {operation.operation_id}" if operation else f"{method} {path}"


def find_operation(vendor: str, method: str, path: str) -> Operation | None:
    """Return the operation of a request, or None if the vendor's schemas lack it."""
    for known_method, names, pattern, definition in _operations(vendor):
        match = pattern.fullmatch(path) if known_method == method else None
        if match:
            parameters = dict(zip(names, match.groups(), strict=True))
            return Operation(definition["operationId"], parameters, definition)
    return None


@cache
def schema_document(vendor: str, name: str) -> dict[str, Any]:
    """Return a schema file of a vendor; empty if there is none, because expectations may come before schemas."""
    try:
        return dict(json.loads((SCHEMAS / vendor / name).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


@cache
def _operations(vendor: str) -> tuple[tuple[str, list[str], re.Pattern[str], dict[str, Any]], ...]:
    paths = schema_document(vendor, "openapi.json").get("paths", {})
    return tuple(
        (method.removeprefix(METHOD_PREFIX).upper(), *_pattern(template), operation)
        # literal paths before those with parameters
        for template, item in sorted(paths.items(), key=lambda pair: pair[0].count("{"))
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    )


def _pattern(template: str) -> tuple[list[str], re.Pattern[str]]:
    """Return the names of the parameters and the pattern of a path; `{+name}` may contain slashes."""
    pieces = re.split(r"\{(\+?)([^}]*)\}", template)
    pattern = re.escape(pieces[0])
    for plus, literal in zip(pieces[1::3], pieces[3::3], strict=True):
        pattern += ("(.+)" if plus else "([^/]+)") + re.escape(literal)
    return pieces[2::3], re.compile(pattern)
