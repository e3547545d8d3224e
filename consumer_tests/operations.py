"""The operations of vendors by their names in `schemas/<vendor>/openapi.json`, for messages."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

SCHEMAS = Path(__file__).parents[1] / "schemas"
METHOD_PREFIX = "x-method-"
"""Precedes the name of a method that OpenAPI does not have, such as Vault's LIST."""


def describe_operation(vendor: str, method: str, path: str) -> str:
    """Return method, path and operationId; without the latter if the vendor's schemas lack the operation."""
    known = operation_id(vendor, method, path)
    return f"{method} {path}, {known}" if known else f"{method} {path}"


def operation_id(vendor: str, method: str, path: str) -> str | None:
    """Return the operation's id in the vendor's schemas, or None if they lack the operation."""
    operations = _operations(vendor)
    return next(
        (known for verb, path_of, known in operations if verb == method and path_of.fullmatch(path)), None
    )


@cache
def _operations(vendor: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    try:
        document = json.loads((SCHEMAS / vendor / "openapi.json").read_text(encoding="utf-8"))
    except FileNotFoundError:  # a new vendor may have expectations before it has schemas
        return ()
    return tuple(
        (method.removeprefix(METHOD_PREFIX).upper(), _pattern(template), operation["operationId"])
        # literal paths before those with parameters
        for template, item in sorted(document["paths"].items(), key=lambda pair: pair[0].count("{"))
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    )


def _pattern(template: str) -> re.Pattern[str]:
    # `{+path}` may contain slashes (RFC 6570)
    parts = re.split(r"(\{[^}]*\})", template)
    return re.compile("".join(map(_expression, parts)))


def _expression(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.startswith("{+") else "[^/]+"
