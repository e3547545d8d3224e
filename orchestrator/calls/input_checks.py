"""Checks of the raw JSON of an event, before its fields are validated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

MAX_DEPTH = 20
"""Levels of nesting; redaction and serialization recurse once per level."""
MAX_METADATA_CHARACTERS = 64 * 1024
"""Characters of all keys and strings in the metadata of a call; any other value counts as one."""
_SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str | int, ...]


def check_json(event: Any) -> Any:
    """Return the event unchanged.

    Raises:
        ValidationError: the nesting is too deep, or the metadata is too large. The error names the field, at most two
            levels deep: further keys are data.
    """
    if isinstance(event, dict) and _is_small(event):
        return event
    metadata_characters = 0
    for path, value in walk_json(event):
        if len(path) > MAX_DEPTH:
            # deeper keys are guest data, which an error must not repeat
            raise _error(path[:2], f"Value should be nested at most {MAX_DEPTH} levels deep")
        if len(path) > 1 and path[0] == "metadata":
            metadata_characters += len(value) if isinstance(value, str) else 1
        if metadata_characters > MAX_METADATA_CHARACTERS:
            raise _error(("metadata",), f"Metadata should have at most {MAX_METADATA_CHARACTERS} characters")
    return event


def _is_small(event: Any) -> bool:
    """Return whether an event is certainly within both limits, without the paths, which take ten times as long."""
    characters = 0
    level = [event]
    for _ in range(MAX_DEPTH):
        deeper = []
        for container in level:
            if isinstance(container, dict):
                characters += sum(map(len, container))
            for item in container.values() if isinstance(container, dict) else container:
                characters += len(item) if isinstance(item, str) else 1
                if isinstance(item, dict | list):
                    deeper.append(item)
        if not deeper:
            return characters <= MAX_METADATA_CHARACTERS
        level = deeper
    return False


def walk_json(document: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value and key of a JSON document with its path; a key has the path of its value."""
    # a stack instead of recursion: the depth is not checked yet
    pending: list[tuple[Path, Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        yield path, value
        if isinstance(value, dict):
            for key, item in value.items():
                child = _child(path, key)
                yield child, key
                pending.append((child, item))
        elif isinstance(value, list):
            pending.extend((_child(path, index), item) for index, item in enumerate(value))


def _child(path: Path, part: str | int) -> Path:
    # Cut beyond the limit of nesting: a long list at a great depth would get a long path for each of its items.
    return path if len(path) > MAX_DEPTH else (*path, part)


def is_storable(text: str) -> bool:
    """Return whether a text can be encoded as UTF-8 and stored in PostgreSQL, which rejects NUL."""
    return "\0" not in text and (text.isascii() or _SURROGATE.search(text) is None)


def as_utc(timestamp: datetime) -> datetime:
    """Return a timestamp in UTC; without an offset it is UTC already.

    Raises:
        ValueError: the timestamp in UTC is outside of the calendar (years 1 to 9999).
    """
    if timestamp.tzinfo is None:
        return timestamp.replace(tzinfo=UTC)
    try:
        return timestamp.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time in UTC should be in the years 1 to 9999") from None


def _error(path: Path, message: str) -> ValidationError:
    details = InitErrorDetails(
        type=PydanticCustomError("input", "{message}", {"message": message}), loc=path, input=None
    )
    return ValidationError.from_exception_data("event", [details])
