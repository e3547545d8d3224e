"""Markers with which the author of an example says how a value is demanded, where the rule would decide otherwise.

The values stay plain strings, numbers and lists, which models parse and tests compare.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

Value = TypeVar("Value", str, int, float)


class _MarkedText(str):
    """A string with the values that are accepted in its place."""

    accepted: tuple[Any, ...]
    __slots__ = ("accepted",)


class _MarkedInteger(int):
    """An integer with the values that are accepted in its place."""

    accepted: tuple[Any, ...]


class _MarkedNumber(float):
    """A number with the values that are accepted in its place."""

    accepted: tuple[Any, ...]


class _MarkedList(list[Any]):
    """A list of the elements that must be among others."""


_MARKED_TYPES: dict[type, Any] = {str: _MarkedText, int: _MarkedInteger, float: _MarkedNumber}


def exactly(value: Value) -> Value:
    """Demand this value."""
    return _mark(value, (value,))


def any_of(value: Value, *others: Value) -> Value:
    """Demand one of these values; the first one is the example."""
    return _mark(value, (value, *others))


def by_type(value: Value) -> Value:
    """Demand the type or pattern only, although the value is that of the request or of a provider state."""
    return _mark(value, ())


def containing(*elements: Any) -> list[Any]:
    """Demand a list that contains these elements, whatever its other elements are like."""
    return _MarkedList(elements)


def may_have_other_elements(value: list[Any]) -> bool:
    """Return whether the elements of a list need not be like those of the example."""
    return isinstance(value, _MarkedList)


def accepted_values(value: Any) -> tuple[Any, ...] | None:
    """Return the values that the author accepts, none of which means any; None if the author did not say it."""
    return value.accepted if isinstance(value, _MarkedText | _MarkedInteger | _MarkedNumber) else None


def _mark(value: Value, accepted: tuple[Any, ...]) -> Value:
    if type(value) not in _MARKED_TYPES:
        raise TypeError(f"{value!r} is neither a string nor a number")
    marked: Any = _MARKED_TYPES[type(value)](value)
    marked.accepted = accepted
    return cast("Value", marked)
