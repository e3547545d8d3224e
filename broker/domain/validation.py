"""Checks on the fields of a JSON body; messages are collected by field name, as the official broker returns them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

FieldErrors = dict[str, list[str]]
"""Messages by the name of the field they are about."""


def add_error(errors: FieldErrors, field: str, message: str) -> None:
    """Add a message about a field."""
    errors.setdefault(field, []).append(message)


def find_text_error(text: str) -> str | None:
    """Return why a text cannot be a name, a URL or a title, or None."""
    if "\n" in text or "\r" in text:
        return "cannot contain multiple lines"
    if any(unicodedata.category(character) == "Cc" for character in text):
        return "cannot contain control characters"
    return None


def find_name_error(value: Any) -> str | None:
    """Return why a value cannot be the name of something, or None."""
    if not isinstance(value, str) or not value.strip():
        return "can't be blank"
    return find_text_error(value)


def is_web_url(text: str) -> bool:
    """Return whether a text is an absolute HTTP URL."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in text


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
        elif message := find_text_error(value):
            add_error(errors, field, message)


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
        if message := find_name_error(value):
            add_error(errors, field, f"{message} (at index {index})")


def validate_named_objects(values: Any, errors: FieldErrors, field: str) -> None:
    """Add a message if a field is neither null nor a list of objects with a `name`."""
    if values is None:
        return
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        errors[field] = ["must be a list of objects with a name"]
        return
    for index, value in enumerate(values):
        if not isinstance(value.get("name"), str):
            add_error(errors, field, f"name is missing (at index {index})")
        elif message := find_name_error(value["name"]):
            add_error(errors, field, f"name {message} (at index {index})")
