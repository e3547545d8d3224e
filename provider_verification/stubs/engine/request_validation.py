"""A raw request made into a call, and held to the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

import jsonschema_rs

from provider_verification.stubs.engine.openapi import Operation, Parameter
from provider_verification.stubs.sdk import RequestRejected, ValidationIssue

MAX_VALIDATION_ERRORS = 20
JSON_TYPES = ("application/json", "application/merge-patch+json")
FORM = "application/x-www-form-urlencoded"


def media_type(headers: Mapping[str, str]) -> str:
    """The content type without parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def load_json(raw: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: the text is not JSON, is nested too deeply, or contains a lone surrogate.
    """
    try:
        value = json.loads(raw)
        # RFC 8259 leaves open what a lone surrogate means, and the schema validator cannot read one.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    return value


def decode_body(operation: Operation, headers: Mapping[str, str], raw: bytes) -> Any:
    """The body as the schema describes it: JSON or a form; None when there is none.

    Raises:
        RequestRejected: another media type than the operation takes, or a body that is not what its type says.
    """
    if not operation.body or (not raw and not operation.body_required):
        return None
    kind = media_type(headers)
    if kind not in operation.body:
        raise RequestRejected("media_type", f"the content type should be {' or '.join(operation.body)}")
    try:
        if kind == FORM:
            fields = parse_qs(raw.decode(), keep_blank_values=True)
            return {name: values[-1] for name, values in fields.items()}
        return load_json(raw)
    except ValueError:
        raise RequestRejected("malformed", "the body should be of its content type") from None


def validate_parameters(
    operation: Operation, query: Mapping[str, list[str]], headers: Mapping[str, str]
) -> tuple[dict[str, Any], list[ValidationIssue]]:
    """The declared query parameters with their types, and what is wrong with parameters and headers."""
    values: dict[str, Any] = {}
    faults: list[ValidationIssue] = []
    for parameter in operation.parameters:
        given = (
            query.get(parameter.name) if parameter.location == "query" else _header(headers, parameter.name)
        )
        if given is None:
            if parameter.required:
                faults.append(_fault(parameter, "required", "is required", operation))
            continue
        if len(given) > 1:
            separator = "separated by commas in one parameter" if parameter.is_list else "given once"
            faults.append(_fault(parameter, "repeated", f"should be {separator}", operation))
            continue
        value = _typed(parameter, given[0])
        errors = [error.message for error in parameter.validator.iter_errors(value)]
        faults += [_fault(parameter, "schema", message, operation) for message in errors[:1]]
        if parameter.location == "query":
            values[parameter.name] = value
    return values, faults


def find_unknown_parameters(
    operation: Operation, query: Mapping[str, list[str]]
) -> Iterator[ValidationIssue]:
    """Query parameters that the vendor does not know, and so ignores."""
    known = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    for name in query:
        if name not in known:
            words = f"{operation.operation_id} has no such parameter"
            yield ValidationIssue(("query", name), "unknown", words, operation.schema_pointer)


def validate_body(operation: Operation, headers: Mapping[str, str], body: Any) -> list[ValidationIssue]:
    """Everything that is wrong with the body."""
    if not operation.body or (body is None and not operation.body_required):
        return []
    validator = operation.body.get(media_type(headers))
    return list(_body_faults(operation, validator, body)) if validator else []


def _body_faults(
    operation: Operation, validator: jsonschema_rs.Validator, body: Any
) -> Iterator[ValidationIssue]:
    for number, error in enumerate(validator.iter_errors(body)):
        if number == MAX_VALIDATION_ERRORS:
            return
        rule = str(error.schema_path[-1]) if error.schema_path else "schema"
        place = ("body", *error.instance_path)
        missing = getattr(error.kind, "property", None)
        if rule == "required" and isinstance(missing, str):
            place = (*place, missing)
        yield ValidationIssue(
            place, rule, _truncate_message(error.message, rule), f"{operation.schema_pointer}/requestBody"
        )


def _truncate_message(message: str, rule: str) -> str:
    """The schema's words, cut short: what was sent may be long."""
    return message if len(message) <= 200 else f"does not keep the rule '{rule}'"


def _header(headers: Mapping[str, str], name: str) -> list[str] | None:
    return [headers[name]] if name in headers else None


def _fault(parameter: Parameter, rule: str, message: str, operation: Operation) -> ValidationIssue:
    return ValidationIssue(
        (parameter.location, parameter.name), rule, message, f"{operation.schema_pointer}/parameters"
    )


def _typed(parameter: Parameter, text: str) -> Any:
    if parameter.is_list:
        return [_scalar(parameter.scalar_type, part) for part in text.split(",")]
    return _scalar(parameter.scalar_type, text)


def _scalar(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in {"integer", "number"}:
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            return text
    return text
