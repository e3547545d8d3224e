"""Requests made up from a vendor's own schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

SCHEMAS = Path(__file__).parents[2] / "schemas"
Json = Any


class SchemaFiles:
    """A vendor's schema files, with references followed."""

    def __init__(self, vendor: str) -> None:
        self._files = {path.name: json.loads(path.read_text()) for path in (SCHEMAS / vendor).glob("*.json")}
        self.paths: dict[str, Any] = self._files["openapi.json"]["paths"]

    def whole(self, value: Json, file: str = "openapi.json") -> Json:
        """The value with every reference replaced by what it leads to."""
        if isinstance(value, list):
            return [self.whole(item, file) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return self.whole(*self._target(value["$ref"], file))
        return {name: self.whole(part, file) for name, part in value.items()}

    def _target(self, reference: str, file: str) -> tuple[Json, str]:
        name, _, pointer = reference.partition("#")
        found = self._files[name or file]
        for part in filter(None, pointer.split("/")):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found, name or file


def load_operations(vendor: str) -> list[tuple[str, str, Json]]:
    """Every operation as (method, path template, description with references followed)."""
    documents = SchemaFiles(vendor)
    return [
        (method.removeprefix("x-method-").upper(), path, documents.whole(operation))
        for path, item in documents.paths.items()
        for method, operation in item.items()
    ]


def values_for(schema: Json) -> st.SearchStrategy[Json]:
    """JSON values that a schema allows, as far as our schemas go: the library for it does not run with this Hypothesis."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for choices in (schema.get("anyOf"), schema.get("oneOf")):
        if choices:
            return st.one_of(*map(values_for, choices))
    kinds = schema.get("type", ["string", "integer", "boolean", "null"])
    return st.one_of(*(_of_type(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)))


def _of_type(kind: str, schema: Json) -> st.SearchStrategy[Json]:
    if kind == "object":
        return _objects(schema)
    if kind == "array":
        items = values_for(schema.get("items", {}))
        return st.lists(items, min_size=schema.get("minItems", 0), max_size=min(3, schema.get("maxItems", 3)))
    if kind == "integer":
        return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1))
    if kind == "number":
        low, high = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
        return st.floats(low, high, allow_nan=False).map(lambda number: round(number, 3))
    if kind == "boolean":
        return st.booleans()
    return st.none() if kind == "null" else _texts(schema)


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
    known = {name: values_for(part) for name, part in schema.get("properties", {}).items()}
    required = {name: known.get(name, st.just("x")) for name in schema.get("required", ())}
    extra = schema.get("additionalProperties")
    if not known and isinstance(extra, dict):
        return st.dictionaries(st.text(max_size=8), values_for(extra), max_size=3)
    optional = {name: part for name, part in known.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def requests(method: str, path: str, operation: Json, ids: list[str]) -> st.SearchStrategy[Json]:
    """Requests that the schemas allow: path, query and body.

    Args:
        method: the verb.
        path: the template.
        operation: its description.
        ids: what stands in paths, beside texts that are made up.
    """
    names = st.sampled_from(ids) | st.text(min_size=1, max_size=20)
    query = {
        parameter["name"]: _text_of(parameter["schema"])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
    required = {
        parameter["name"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and parameter.get("required")
    }
    content = operation.get("requestBody", {}).get("content", {})
    schema = next((body["schema"] for body in content.values() if "schema" in body), None)
    return st.fixed_dictionaries(
        {
            "method": st.just(method),
            "path": names.map(lambda name: _filled(path, name)),
            "query": st.fixed_dictionaries(
                {name: query[name] for name in required},
                optional={name: text for name, text in query.items() if name not in required},
            ),
            "media_type": st.just(next(iter(content), None)),
            "body": st.none() if schema is None else values_for(schema),
        }
    )


def _filled(path: str, name: str) -> str:
    parts = [quote(name, safe="") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def _text_of(schema: Json) -> st.SearchStrategy[str]:
    """A value as a query has it."""
    as_text: Callable[[Json], str] = lambda value: (  # noqa: E731 - three lines
        ",".join(map(str, value)) if isinstance(value, list) else _scalar(value)
    )
    return values_for(schema).map(as_text)


def _scalar(value: Json) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
