"""Errors of the schema validator as plain sentences: which value is wrong, and what would be right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

MAX_LISTED_LENGTH = 160
"""Characters of allowed values that a sentence lists; country codes alone would have 1,500."""

TYPES: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
FORMATS: Mapping[str, str] = {
    "date": "a date such as 2027-05-01",
    "date-time": "a time such as 2027-05-01T15:00:00Z",
    "email": "an email address",
    "uri": "a URI",
    "uuid": "a UUID",
}


class PlainError(NamedTuple):
    """An error of the validator.

    Attributes:
        path: the path to the value that is wrong, or that is missing.
        rule: the keyword of the schema that is violated.
        message: what would be right, as the rest of a sentence that begins with the value.
    """

    path: tuple[str | int, ...]
    rule: str
    message: str


def explain_error(error: jsonschema_rs.ValidationError) -> PlainError:
    """Return what is wrong; of a value that may be null, what is wrong with it otherwise."""
    if error.kind.name in {"anyOf", "oneOf"}:
        return _explain_alternatives(error)
    path: tuple[str | int, ...] = tuple(error.instance_path)
    rule = str(error.schema_path[-1]) if error.schema_path else "schema"
    value: Any = error.kind.value
    if error.kind.name == "required":
        path = (*path, value)
    describe = SENTENCES.get(error.kind.name)
    return PlainError(path, rule, describe(value) if describe else "should be as the schema describes it")


def _explain_alternatives(error: jsonschema_rs.ValidationError) -> PlainError:
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", [])
    other_types = [branch[0] for branch in branches if _is_of_other_type(branch, error)]
    same_type = [branch for branch in branches if branch and not _is_of_other_type(branch, error)]
    if len(same_type) == 1:
        return explain_error(same_type[0][0])
    path = tuple(error.instance_path)
    if not same_type and other_types:
        types = [name for other in other_types for name in _types_of(other)]
        return PlainError(path, "type", _describe_types(types))
    return PlainError(
        path, error.kind.name, "should have exactly one of the forms that the vendor has for it"
    )


def _is_of_other_type(
    branch: list[jsonschema_rs.ValidationError], error: jsonschema_rs.ValidationError
) -> bool:
    """Return whether an alternative is one for values of other types."""
    return any(
        part.kind.name == "type" and list(part.instance_path) == list(error.instance_path) for part in branch
    )


def _types_of(error: jsonschema_rs.ValidationError) -> list[str]:
    types: Any = error.kind.value
    return types if isinstance(types, list) else [types]


def _describe_types(types: Iterable[str]) -> str:
    # null last: "a text or null"
    names = sorted(dict.fromkeys(types), key=lambda name: name == "null")
    return f"should be {' or '.join(TYPES[name] for name in names)}"


def _describe_options(options: Iterable[Any]) -> str:
    texts = [json.dumps(option, ensure_ascii=False) for option in options]
    listed: list[str] = []
    while texts and (not listed or sum(map(len, [*listed, texts[0]])) <= MAX_LISTED_LENGTH):
        listed.append(texts.pop(0))
    suffix = f" or one of {len(texts)} other values" if texts else ""
    return f"should be {' or '.join(listed)}{suffix}"


def _describe_unexpected(names: Iterable[str]) -> str:
    listed = [repr(name) for name in names]
    noun = "field" if len(listed) == 1 else "fields"
    text = ", ".join(listed)
    return f"should not have the {noun} {text if len(text) <= MAX_LISTED_LENGTH else text[:MAX_LISTED_LENGTH] + '…'}"


def _number_of(noun: str, number: Any) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "additionalProperties": _describe_unexpected,
    "const": lambda value: f"should be {json.dumps(value, ensure_ascii=False)}",
    "enum": _describe_options,
    "exclusiveMaximum": lambda limit: f"should be less than {limit}",
    "exclusiveMinimum": lambda limit: f"should be greater than {limit}",
    "format": lambda name: f"should be {FORMATS.get(name, f'of the format {name}')}",
    "maxItems": lambda limit: f"should have at most {_number_of('item', limit)}",
    "maxLength": lambda limit: f"should have at most {_number_of('character', limit)}",
    "maxProperties": lambda limit: f"should have at most {_number_of('field', limit)}",
    "maximum": lambda limit: f"should be at most {limit}",
    "minItems": lambda limit: f"should have at least {_number_of('item', limit)}",
    "minLength": lambda limit: f"should have at least {_number_of('character', limit)}",
    "minProperties": lambda limit: f"should have at least {_number_of('field', limit)}",
    "minimum": lambda limit: f"should be at least {limit}",
    "multipleOf": lambda number: f"should be a multiple of {number}",
    "pattern": lambda pattern: f"should match the pattern {pattern}",
    "required": lambda _name: "is required",
    "type": lambda types: _describe_types(types if isinstance(types, list) else [types]),
    "uniqueItems": lambda _value: "should not have the same item twice",
}
"""The sentence of each keyword that schemas of requests use, from the value that the validator's error has."""
