"""Checks on the fields of a JSON body; messages are collected by field name, as the official broker returns them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

FieldErrors = dict[str, list[str]]
"""Messages by the name of the field they are about."""

MAX_NAME_LENGTH = 255
"""Characters; a URL with three encoded names stays within the 8 KB that common proxies accept."""

MAX_TEXT_LENGTH = 2000
"""Characters of a URL."""

MAX_LIST_LENGTH = 100
"""Items of a list of tags, contacts, selectors or contracts; each of them costs queries."""


def add_error(errors: FieldErrors, field: str, message: str) -> None:
    """Add a message about a field."""
    errors.setdefault(field, []).append(message)


def find_text_error(text: str, max_length: int = MAX_NAME_LENGTH) -> str | None:
    """Return why a text cannot be a name, a URL or a title, or None."""
    if len(text) > max_length:
        return f"must have at most {max_length} characters"
    if "\n" in text or "\r" in text:
        return "cannot contain multiple lines"
    if any(unicodedata.category(character) == "Cc" for character in text):
        return "cannot contain control characters"
    return None


def find_name_error(value: Any) -> str | None:
    """Return why a value cannot be the name of something, or None; every name that can be is readable by its links."""
    if not isinstance(value, str) or not value.strip():
        return "can't be blank"
    # clients resolve dot segments before they send a path, also encoded ones
    if value in {".", ".."}:
        return "cannot be '.' or '..', which have a meaning of their own in a URL"
    # clients expand these in links
    if value.startswith("{") and value.endswith("}"):
        return "cannot be in braces, which mark what clients fill in"
    return find_text_error(value)


def find_list_error(values: Any) -> str | None:
    """Return why a value cannot be a list of names, selectors or contracts, or None."""
    if isinstance(values, list) and len(values) > MAX_LIST_LENGTH:
        return f"must have at most {MAX_LIST_LENGTH} items"
    return None


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
    """Add a message for every field that must be a string on one line and is not; a required one is a name."""
    for field in fields:
        value = body.get(field)
        if value is None:
            if required:
                add_error(errors, field, "is missing")
        elif not isinstance(value, str):
            add_error(errors, field, "must be a string")
        elif message := find_name_error(value) if required else _find_field_error(field, value):
            add_error(errors, field, message)


def _find_field_error(field: str, value: str) -> str | None:
    return find_text_error(value, MAX_TEXT_LENGTH if field.lower().endswith("url") else MAX_NAME_LENGTH)


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
    if message := find_list_error(values):
        errors[field] = [message]
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
    if message := find_list_error(values):
        errors[field] = [message]
        return
    for index, value in enumerate(values):
        if not isinstance(value.get("name"), str):
            add_error(errors, field, f"name is missing (at index {index})")
        elif message := find_name_error(value["name"]):
            add_error(errors, field, f"name {message} (at index {index})")
