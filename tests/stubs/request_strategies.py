"""Hypothesis strategies for requests, derived from a vendor's schemas."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from provider_verification.stubs.engine.openapi import SCHEMAS
from provider_verification.stubs.engine.schema_files import SchemaFiles, SchemaNode

Json = Any


def list_operations(vendor: str) -> list[tuple[str, str, Json]]:
    """Return every operation as (method, path template, description)."""
    paths: Json = load_schema_files(vendor).openapi.value["paths"]
    return [
        (method.removeprefix("x-method-").upper(), path, operation)
        for path, item in paths.items()
        for method, operation in item.items()
    ]


@cache
def load_schema_files(vendor: str) -> SchemaFiles:
    """Return the vendor's schema files, which are read once."""
    return SchemaFiles(SCHEMAS / vendor)


@cache
def load_operation(vendor: str, operation_id: str) -> Json:
    """Return the description of an operation with references inlined."""
    files = load_schema_files(vendor)
    paths = files.openapi.child("paths")
    return next(
        inline_references(files, paths.child(path, method))
        for path, item in paths.value.items()
        for method, operation in item.items()
        if operation["operationId"] == operation_id
    )


def inline_references(files: SchemaFiles, node: SchemaNode) -> Json:
    """Return the value of a node with every reference replaced by the value that it leads to."""
    if isinstance(node.value, list):
        return [inline_references(files, node.child(index)) for index in range(len(node.value))]
    if not isinstance(node.value, dict):
        return node.value
    if "$ref" in node.value:
        return inline_references(files, files.resolve(node))
    return {name: inline_references(files, node.child(name)) for name in node.value}


def values_for(schema: Json) -> st.SearchStrategy[Json]:
    """Return a strategy of JSON values that a schema allows; supports the keywords that the schemas use.

    hypothesis-jsonschema does not support the installed version of Hypothesis.
    """
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for choices in (schema.get("anyOf"), schema.get("oneOf")):
        if choices:
            return st.one_of(*map(values_for, choices))
    types = schema.get("type", ["string", "integer", "boolean", "null"])
    return st.one_of(
        *(_values_of_type(name, schema) for name in ([types] if isinstance(types, str) else types))
    )


def _values_of_type(name: str, schema: Json) -> st.SearchStrategy[Json]:
    if name == "object":
        return _objects(schema)
    if name == "array":
        items = values_for(schema.get("items", {}))
        return st.lists(items, min_size=schema.get("minItems", 0), max_size=min(3, schema.get("maxItems", 3)))
    if name == "integer":
        return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1))
    if name == "number":
        low, high = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
        return st.floats(low, high, allow_nan=False).map(lambda number: round(number, 3))
    if name == "boolean":
        return st.booleans()
    return st.none() if name == "null" else _texts(schema)


def _texts(schema: Json) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    dates = st.dates(date(2027, 1, 1), date(2028, 12, 31))
    if schema.get("format") == "date":
        return dates.map(str)
    if schema.get("format") == "date-time":
        return dates.map(lambda day: f"{day}T12:00:00+02:00")
    return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 20))


def _objects(schema: Json) -> st.SearchStrategy[Json]:
    properties = {name: values_for(member) for name, member in schema.get("properties", {}).items()}
    required = {name: properties.get(name, st.just("x")) for name in schema.get("required", ())}
    extra = schema.get("additionalProperties")
    if not properties and isinstance(extra, dict):
        return st.dictionaries(st.text(max_size=8), values_for(extra), max_size=3)
    optional = {name: values for name, values in properties.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def requests(method: str, path: str, operation: Json, ids: list[str]) -> st.SearchStrategy[Json]:
    """Return a strategy of requests that the schemas allow.

    Args:
        method: the HTTP method.
        path: the path template.
        operation: the operation in openapi.json, with references inlined.
        ids: path parameters that exist in the stub's state; random texts are generated as well.
    """
    path_params = st.sampled_from(ids) | st.text(min_size=1, max_size=20)
    content = operation.get("requestBody", {}).get("content", {})
    schema = next((body["schema"] for body in content.values() if "schema" in body), None)
    return st.fixed_dictionaries(
        {
            "method": st.just(method),
            "path": path_params.map(lambda value: _fill_template(path, value)),
            "query": _queries(operation),
            "media_type": st.just(next(iter(content), None)),
            "body": st.none() if schema is None else values_for(schema),
        }
    )


def _queries(operation: Json) -> st.SearchStrategy[Json]:
    parameters = [item for item in operation.get("parameters", ()) if item["in"] == "query"]
    texts = {item["name"]: _query_texts(item["schema"]) for item in parameters}
    required = {item["name"]: texts[item["name"]] for item in parameters if item.get("required")}
    optional = {name: values for name, values in texts.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def _fill_template(path: str, value: str) -> str:
    parts = [quote(value, safe="") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def _query_texts(schema: Json) -> st.SearchStrategy[str]:
    return values_for(schema).map(_query_text)


def _query_text(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
