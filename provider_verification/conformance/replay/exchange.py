"""A recorded exchange, and how far an answer of ours is like the recorded one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A status, headers by lower-case name, and the body's bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request to a real server and its answer; `identifier` and `title` are the recorder's."""

    identifier: str
    title: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    answer: RecordedResponse


def compare_responses(recorded: RecordedResponse, ours: RecordedResponse, *, code: str) -> Iterator[str]:
    """How our answer differs: in status, media type, error code, keys or types.

    Args:
        recorded: the real server's.
        ours: the stub's.
        code: the member of an error body that names the error.
    """
    if recorded.status != ours.status:
        yield f"status: the server answered {recorded.status}, the stub {ours.status}"
        return
    if recorded.body and recorded.media_type != ours.media_type:
        yield f"content type: the server sent {recorded.media_type}, the stub {ours.media_type}"
    theirs, mine = recorded.json(), ours.json()
    if (
        isinstance(theirs, dict)
        and isinstance(mine, dict)
        and theirs.get(code) != mine.get(code)
        and code in theirs
    ):
        yield f"{code}: the server sent {theirs[code]!r}, the stub {mine.get(code)!r}"
    yield from shape_differences(theirs, mine, "$")


def shape_differences(theirs: Any, mine: Any, where: str) -> Iterator[str]:
    """Where keys or types differ, by JSON path."""
    if json_type_name(theirs) != json_type_name(mine):
        yield f"{where}: the server sends {json_type_name(theirs)}, the stub {json_type_name(mine)}"
    elif isinstance(theirs, dict):
        for name in sorted(theirs.keys() - mine.keys()):
            yield f"{where}.{name}: the stub leaves it out"
        for name in sorted(mine.keys() - theirs.keys()):
            yield f"{where}.{name}: the server does not send it"
        for name in sorted(theirs.keys() & mine.keys()):
            yield from shape_differences(theirs[name], mine[name], f"{where}.{name}")
    elif isinstance(theirs, list):
        if len(theirs) != len(mine):
            yield f"{where}: the server sends {len(theirs)} items, the stub {len(mine)}"
        for number, (one, other) in enumerate(
            zip(in_stable_order(theirs), in_stable_order(mine), strict=False)
        ):
            yield from shape_differences(one, other, f"{where}[{number}]")


def in_stable_order(items: list[Any]) -> list[Any]:
    """Items in an order that does not depend on ids."""
    return sorted(items, key=_name)


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    names = ("name", "identity", "room", "agent_name", "mime")
    return json.dumps([item.get(name) for name in names])


def json_type_name(value: Any) -> str:
    """A JSON type's name."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
