"""Checks on the fields of a JSON body; messages are collected by field name, as the official broker returns them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FieldErrors = dict[str, list[str]]
"""Messages by the name of the field they are about."""


def add_error(errors: FieldErrors, field: str, message: str) -> None:
    """Add a message about a field."""
    errors.setdefault(field, []).append(message)


def validate_strings(
    body: Mapping[str, Any], errors: FieldErrors, *fields: str, required: bool = False
) -> None:
    """Add a message for every field that must be a string on one line and is not."""
    for field in fields:
        value = body.get(field)
        if value is None:
            if required:
                add_error(errors, field, "is missing")
        elif not isinstance(value, str):
            add_error(errors, field, "must be a string")
        elif required and not value.strip():
            add_error(errors, field, "can't be blank")
        elif "\n" in value or "\r" in value:
            add_error(errors, field, "cannot contain multiple lines")


def validate_boolean(body: Mapping[str, Any], errors: FieldErrors, field: str) -> None:
    """Add a message if a required boolean is missing or has another type."""
    if body.get(field) is None:
        add_error(errors, field, "is missing")
    elif not isinstance(body[field], bool):
        add_error(errors, field, "must be true or false")


def validate_names(values: Any, errors: FieldErrors, field: str) -> None:
    """Add a message if a field is neither null nor a list of non-blank strings."""
    if values is None:
        return
    if not isinstance(values, list):
        errors[field] = ["must be a list of strings"]
        return
    for index, value in enumerate(values):
        if not isinstance(value, str) or not value.strip():
            add_error(errors, field, f"can't be blank (at index {index})")


def validate_named_objects(values: Any, errors: FieldErrors, field: str) -> None:
    """Add a message if a field is neither null nor a list of objects with a `name`."""
    if values is None:
        return
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        errors[field] = ["must be a list of objects with a name"]
        return
    for index in _without_name(values):
        add_error(errors, field, f"name is missing (at index {index})")


def _without_name(values: Iterable[Mapping[str, Any]]) -> list[int]:
    return [index for index, value in enumerate(values) if not isinstance(value.get("name"), str)]
