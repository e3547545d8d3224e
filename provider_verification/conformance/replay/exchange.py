"""A recorded exchange, and the comparison of the stub's response with the recorded one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SORT_FIELDS = ("name", "identity", "room", "agent_name", "mime")
"""Fields that identify an item of a list independently of its generated id."""


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """Status, headers by lower-case name, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request to a real server and its response; `identifier` and `title` are the recorder's."""

    identifier: str
    title: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    response: RecordedResponse


def compare_responses(
    recorded: RecordedResponse, actual: RecordedResponse, *, error_kind: Callable[[Any], Any]
) -> Iterator[str]:
    """Differences in status, media type, kind of error, keys and types.

    Args:
        recorded: the real server's response.
        actual: the stub's response.
        error_kind: returns what names the error in a JSON body; None for a body that is no error.
    """
    if recorded.status != actual.status:
        yield f"status: the server sent {recorded.status}, the stub {actual.status}"
        return
    if recorded.body and recorded.media_type != actual.media_type:
        yield f"content type: the server sent {recorded.media_type}, the stub {actual.media_type}"
    recorded_body, actual_body = recorded.json(), actual.json()
    kinds = error_kind(recorded_body), error_kind(actual_body)
    if kinds[0] is not None and kinds[0] != kinds[1]:
        yield f"error: the server sent {kinds[0]!r}, the stub {kinds[1]!r}"
    yield from compare_structure(recorded_body, actual_body, "$")


def compare_structure(expected: Any, actual: Any, path: str) -> Iterator[str]:
    """Differences of two JSON values in keys and types, each with its JSON path; values are not compared."""
    if json_type_name(expected) != json_type_name(actual):
        yield f"{path}: the server sends {json_type_name(expected)}, the stub {json_type_name(actual)}"
    elif isinstance(expected, dict):
        for name in sorted(expected.keys() - actual.keys()):
            yield f"{path}.{name}: the stub does not send it"
        for name in sorted(actual.keys() - expected.keys()):
            yield f"{path}.{name}: the server does not send it"
        for name in sorted(expected.keys() & actual.keys()):
            yield from compare_structure(expected[name], actual[name], f"{path}.{name}")
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            yield f"{path}: the server sends {len(expected)} items, the stub {len(actual)}"
        pairs = zip(in_stable_order(expected), in_stable_order(actual), strict=False)
        for index, (expected_item, actual_item) in enumerate(pairs):
            yield from compare_structure(expected_item, actual_item, f"{path}[{index}]")


def in_stable_order(items: list[Any]) -> list[Any]:
    """The items in an order that does not depend on generated ids."""
    return sorted(items, key=_sort_key)


def _sort_key(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    return json.dumps([item.get(name) for name in SORT_FIELDS])


def json_type_name(value: Any) -> str:
    """The JSON type of a value."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
