"""Decoding of a request, and its validation against the schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Literal
from urllib.parse import parse_qs

from provider_verification.stubs.engine.http_limits import MAX_BODY_BYTES
from provider_verification.stubs.engine.multipart import MULTIPART, decode_multipart
from provider_verification.stubs.engine.openapi import Operation, Parameter
from provider_verification.stubs.engine.plain_errors import explain_error
from provider_verification.stubs.sdk import FORM, NotModelled, RequestRejected, ValidationIssue, media_type

MAX_VALIDATION_ERRORS = 20
MAX_JSON_DEPTH = 100
"""Enough for every message of a vendor; protobuf's JSON parser has the same limit."""
MAX_JSON_VALUES = 20_000
"""Three bookings of five years each, by the night, have 17,000; their validation takes a tenth of a second."""
MAX_FORM_FIELDS = 1_000
WHITESPACE = b" \t\n\r\v\f\x1c\x1d\x1e\x1f"
JSON_TOKEN_PATTERN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
"""Brackets and commas, and texts so that those in them are not counted."""


def require_body_within_limit(raw_body: bytes | None) -> bytes:
    """Return the body, which is None if it was too large to be read.

    Raises:
        RequestRejected: it was too large.
    """
    if raw_body is None:
        raise RequestRejected("too_large", f"the body should have at most {MAX_BODY_BYTES} bytes")
    return raw_body


def require_bounded_json(raw_body: bytes) -> None:
    """Refuse JSON that takes long to validate: one request must not stop all stubs.

    Raises:
        RequestRejected: it is nested more than MAX_JSON_DEPTH deep; to walk it could exceed the interpreter's stack.
        NotModelled: it has more than MAX_JSON_VALUES values, which the vendor may accept.
    """
    excess = find_excess(raw_body)
    if excess == "depth":
        raise RequestRejected("malformed", f"the JSON should be nested at most {MAX_JSON_DEPTH} deep")
    if excess == "values":
        raise NotModelled(f"a body with more than {MAX_JSON_VALUES} JSON values", ("body",))


def find_excess(raw: bytes) -> Literal["depth", "values"] | None:
    """Return which limit a JSON text exceeds first, or None; the time is linear in the length."""
    brackets = raw.count(b"[") + raw.count(b"{")
    is_small = brackets <= MAX_JSON_DEPTH and brackets + raw.count(b",") <= MAX_JSON_VALUES
    if is_small or raw.lstrip(WHITESPACE)[:1] not in {b"[", b"{"}:
        return None
    depth = values = 0
    for token in JSON_TOKEN_PATTERN.finditer(raw):
        character = token[0]
        depth += (character in {b"[", b"{"}) - (character in {b"]", b"}"})
        values += character in {b"[", b"{", b","}
        if depth > MAX_JSON_DEPTH:
            return "depth"
        if values > MAX_JSON_VALUES:
            return "values"
    return None


def load_json(raw: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: the text is not JSON, is nested too deeply, has too many values, or contains a lone surrogate.
    """
    text = raw if isinstance(raw, str) else raw.decode()
    if find_excess(text.encode(errors="replace")):
        raise ValueError("the JSON is nested too deeply or has too many values")
    value = json.loads(text)
    # RFC 8259 leaves open what a lone surrogate means, and the schema validator cannot read one.
    json.dumps(value, ensure_ascii=False).encode()
    return value


def decode_body(operation: Operation, headers: Mapping[str, str], raw_body: bytes) -> Any:
    """Return the decoded JSON or form body; None without a body.

    Raises:
        RequestRejected: the operation does not take the media type, or the body is not JSON.
    """
    if not operation.body or (not raw_body and not operation.body_required):
        return None
    content_type = media_type(headers)
    if content_type not in operation.body:
        raise RequestRejected("media_type", f"the content type should be {' or '.join(operation.body)}")
    try:
        if content_type == FORM:
            fields = parse_qs(raw_body.decode(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
            return {name: values[-1] for name, values in fields.items()}
        if content_type == MULTIPART:
            return decode_multipart(headers["content-type"], raw_body)
        return load_json(raw_body)
    except ValueError:
        raise RequestRejected("malformed", "the body should be of its content type") from None


def validate_parameters(
    operation: Operation, query: Mapping[str, list[str]], headers: Mapping[str, str]
) -> tuple[dict[str, Any], list[ValidationIssue]]:
    """Return the declared query parameters with their types, and the issues of query and headers."""
    values: dict[str, Any] = {}
    issues: list[ValidationIssue] = []
    for parameter in operation.parameters:
        if parameter.location == "query":
            texts = query.get(parameter.name)
        else:
            texts = [headers[parameter.name]] if parameter.name in headers else None
        issue = _validate_presence(operation, parameter, texts)
        if issue:
            issues.append(issue)
        elif texts:
            value = _convert(parameter, texts)
            issues += _validate_value(operation, parameter, value)
            if parameter.location == "query":
                values[parameter.name] = value
    return values, issues


def validate_body(operation: Operation, headers: Mapping[str, str], body: Any) -> list[ValidationIssue]:
    """Return the issues of the body, at most MAX_VALIDATION_ERRORS."""
    if not operation.body or (body is None and not operation.body_required):
        return []
    # A vendor that decodes bodies itself may read one of another content type than the documented.
    schema = operation.body.get(media_type(headers)) or next(iter(operation.body.values()))
    if schema is None or schema.validator.is_valid(body):
        return []
    errors = map(explain_error, islice(schema.validator.iter_errors(body), MAX_VALIDATION_ERRORS))
    pointer = f"{operation.schema_pointer}/requestBody"
    return [ValidationIssue(("body", *error.path), error.rule, error.message, pointer) for error in errors]


def _validate_presence(
    operation: Operation, parameter: Parameter, texts: list[str] | None
) -> ValidationIssue | None:
    if texts is None:
        return (
            _parameter_issue(operation, parameter, "required", "is required") if parameter.required else None
        )
    if len(texts) > 1 and not parameter.is_repeated:
        requirement = "be separated by commas in one parameter" if parameter.is_list else "be given once"
        return _parameter_issue(operation, parameter, "repeated", f"should {requirement}")
    return None


def _validate_value(operation: Operation, parameter: Parameter, value: Any) -> list[ValidationIssue]:
    for error in parameter.schema.validator.iter_errors(value):
        plain = explain_error(error)
        return [_parameter_issue(operation, parameter, plain.rule, plain.message)]
    return []


def _parameter_issue(operation: Operation, parameter: Parameter, rule: str, message: str) -> ValidationIssue:
    pointer = f"{operation.schema_pointer}/parameters"
    return ValidationIssue((parameter.location, parameter.name), rule, message, pointer)


def _convert(parameter: Parameter, texts: list[str]) -> Any:
    if parameter.is_list:
        parts = texts if parameter.is_repeated else texts[0].split(",")
        return [_convert_scalar(parameter.scalar_type, part) for part in parts]
    return _convert_scalar(parameter.scalar_type, texts[0])


def _convert_scalar(scalar_type: str, text: str) -> Any:
    """Return the typed value, or the text if it is not of the type: validation reports it then."""
    if scalar_type == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if scalar_type in {"integer", "number"}:
        try:
            return int(text) if scalar_type == "integer" else float(text)
        except ValueError:
            return text
    return text
