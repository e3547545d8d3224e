"""What a client reads when its request violates a schema: the place, and what would be right there."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from provider_verification.stubs.engine.plain_errors import explain_error

VOICE = {"type": "object", "properties": {"speed": {"type": "number", "maximum": 2}}}


@pytest.mark.parametrize(("schema", "value", "path", "rule", "message"), [
    ({"type": "string"}, 5, (), "type", "should be a text"),
    ({"type": ["null", "integer"]}, "5", (), "type", "should be an integer or null"),
    ({"required": ["a"]}, {}, ("a",), "required", "is required"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ("b",), "dependentRequired", "is required"),
    ({"additionalProperties": False, "properties": {"a": {}}}, {"x": 1}, (), "additionalProperties", "should not have the field 'x'"),
    ({"additionalProperties": False, "properties": {"a": {}}}, {"x": 1, "y": 2}, (), "additionalProperties", "should not have the fields 'x', 'y'"),
    ({"enum": ["EUR", None]}, "DM", (), "enum", 'should be "EUR" or null'),
    ({"const": " "}, "x", (), "const", 'should be " "'),
    ({"pattern": "^[0-9]+$"}, "x", (), "pattern", "should match the pattern ^[0-9]+$"),
    ({"format": "date"}, "1.5.2027", (), "format", "should be a date such as 2027-05-01"),
    ({"format": "ipv4"}, "x", (), "format", "should be of the format ipv4"),
    ({"minimum": 1}, 0, (), "minimum", "should be at least 1"),
    ({"maximum": 2}, 3, (), "maximum", "should be at most 2"),
    ({"exclusiveMinimum": 0}, 0, (), "exclusiveMinimum", "should be greater than 0"),
    ({"exclusiveMaximum": 9}, 9, (), "exclusiveMaximum", "should be less than 9"),
    ({"multipleOf": 5}, 7, (), "multipleOf", "should be a multiple of 5"),
    ({"minLength": 1}, "", (), "minLength", "should have at least 1 character"),
    ({"maxLength": 2}, "abc", (), "maxLength", "should have at most 2 characters"),
    ({"minItems": 1}, [], (), "minItems", "should have at least 1 item"),
    ({"maxItems": 3}, [1, 2, 3, 4], (), "maxItems", "should have at most 3 items"),
    ({"uniqueItems": True}, [1, 1], (), "uniqueItems", "should not have the same item twice"),
    ({"minProperties": 1}, {}, (), "minProperties", "should have at least 1 field"),
    ({"maxProperties": 1}, {"a": 1, "b": 1}, (), "maxProperties", "should have at most 1 field"),
    ({"anyOf": [VOICE, {"type": "null"}]}, {"speed": "fast"}, ("speed",), "type", "should be a number"),
    ({"anyOf": [VOICE, {"type": "null"}]}, "fast", (), "type", "should be an object or null"),
    ({"anyOf": [VOICE, {"required": ["a"]}]}, {"speed": 3}, (), "anyOf", "should have exactly one of the forms that the vendor has for it"),
    ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 5, (), "oneOf", "should have exactly one of the forms that the vendor has for it"),
    ({"not": {"type": "string"}}, "x", (), "not", "should be as the schema describes it"),
])  # fmt: skip
def test_error_says_where_and_what_would_be_right(
    schema: Any, value: Any, path: tuple[str, ...], rule: str, message: str
) -> None:
    """Of a value that may be null, the error is about what it is otherwise; no sentence repeats the value."""
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    [error] = validator.iter_errors(value)

    assert explain_error(error) == (path, rule, message)


def test_long_lists_are_cut_off() -> None:
    """A sentence stays readable, whatever the schema allows and the client sends."""
    names = [f"name-{number:03}" for number in range(200)]
    schema = {"additionalProperties": False, "properties": {"a": {"enum": names}}}
    validator = jsonschema_rs.validator_for(schema)

    unexpected, other = [
        explain_error(error).message for error in validator.iter_errors({"a": "x", **dict.fromkeys(names)})
    ]

    messages = sorted((unexpected, other))
    assert messages[0].startswith('should be "name-000" or "name-001" or ')
    assert messages[0].endswith(" or one of 184 other values")
    assert messages[1].startswith("should not have the fields 'name-000', 'name-001', ")
    assert max(map(len, messages)) < 300
