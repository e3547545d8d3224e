"""JSON paths of the fields of a body, as Pact writes them: `$.items[*].unit.name`, `$.attributes['sip.phoneNumber']`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ROOT = "$"
ANY_ELEMENT = "[*]"
ANY_KEY = ".*"
"""Stands for all keys of an object whose entries are read by iteration."""
HEADER = "header "
"""Precedes the name of a response header, in lower case."""
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def member(path: str, key: str) -> str:
    """Return the path of an object's member."""
    return f"{path}.{key}" if IDENTIFIER.fullmatch(key) else f"{path}['{key}']"


def leaves(body: Any, path: str = ROOT) -> Iterator[str]:
    """Give the paths of a body's values; an empty object, and a list of values that are no objects, is one value."""
    if isinstance(body, dict) and body:
        for key, value in body.items():
            yield from leaves(value, member(path, key))
    elif isinstance(body, list) and any(isinstance(element, dict) for element in body):
        for element in body:
            yield from leaves(element, path + ANY_ELEMENT)
    elif path != ROOT:
        yield path


def matches(read: str, demanded: str) -> bool:
    """Return whether a path that was read, which may contain `ANY_KEY`, is a demanded path."""
    if ANY_KEY not in read:
        return read == demanded
    return _pattern(read).fullmatch(demanded) is not None


def contains(read: str, demanded: str) -> bool:
    """Return whether a path that was read is a demanded path, or one of the objects and lists around it."""
    return _pattern(read, r"([.\[].*)?").fullmatch(demanded) is not None


def _pattern(read: str, suffix: str = "") -> re.Pattern[str]:
    parts = map(re.escape, read.split(ANY_KEY))
    return re.compile(r"(\.\w+|\['[^']*'\])".join(parts) + suffix)
