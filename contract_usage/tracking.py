"""Parsed vendor models whose attributes report that they are read.

Only what code reads by name counts: an attribute of a model, a key of a mapping, or all keys if it is iterated. Parsing,
validators, `repr`, `==`, `hash` and `model_dump` do not read attributes (pydantic uses the instance's `__dict__`), so they
do not count: a field that the orchestrator only dumps is reported as unread.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contract_usage.paths import ANY_ELEMENT, ANY_KEY, ROOT, member

Report = Callable[[str], None]
"""Takes the path of a field that is read."""
_TRACKED: dict[int, tuple[weakref.ref[BaseModel], Report, str]] = {}
"""By the id of the object, because a model's hash reads its fields. An entry is removed with its object."""


class _FieldReader:
    """Takes the place of a field in its class and reports each read of a tracked object."""

    def __init__(self, name: str, alias: str) -> None:
        self._name, self._alias = name, alias

    def __get__(self, instance: BaseModel | None, owner: type) -> Any:
        if instance is None:
            # as pydantic does it: a field is no attribute of its class
            raise AttributeError(f"type object '{owner.__name__}' has no attribute '{self._name}'")
        if tracked := _TRACKED.get(id(instance)):
            tracked[1](member(tracked[2], self._alias))
        try:
            return instance.__dict__[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, instance: BaseModel, value: Any) -> None:
        # a descriptor with __set__ precedes the instance's __dict__; the models are frozen, so nothing is set
        instance.__dict__[self._name] = value


class TrackedMapping(dict[str, Any]):
    """A mapping of a parsed model that reports the keys which are read."""

    def __init__(self, content: dict[str, Any], report: Report, path: str) -> None:
        super().__init__(content)
        self._report, self._path = report, path

    def __getitem__(self, key: str) -> Any:
        self._report(member(self._path, key))
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value."""
        self._report(member(self._path, key))
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._report(member(self._path, str(key)))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._report(self._path + ANY_KEY)
        return super().__iter__()

    def keys(self) -> Any:
        """Return the keys."""
        self._report(self._path + ANY_KEY)
        return super().keys()

    def items(self) -> Any:
        """Return keys and values."""
        self._report(self._path + ANY_KEY)
        return super().items()

    def values(self) -> Any:
        """Return the values."""
        self._report(self._path + ANY_KEY)
        return super().values()


def instrument(model: type[BaseModel]) -> None:
    """Make the fields of a model and of its subclasses report reads; nothing happens for objects that are not tracked."""
    for subclass in model.__subclasses__():
        instrument(subclass)
    for name, field in model.model_fields.items():
        # an inherited field is replaced in the subclass too, which may have given it another alias
        setattr(model, name, _FieldReader(name, _alias(name, field)))


def track(parsed: Any, report: Report, path: str = ROOT) -> Any:
    """Report reads of a parsed value from now on; return it, or what takes its place if it is a mapping."""
    if isinstance(parsed, BaseModel):
        _track_model(parsed, report, path)
    elif isinstance(parsed, list):
        for element in parsed:
            track(element, report, path + ANY_ELEMENT)
    elif isinstance(parsed, dict):
        return TrackedMapping(
            {key: track(value, report, member(path, key)) for key, value in parsed.items()}, report, path
        )
    return parsed


def _track_model(parsed: BaseModel, report: Report, path: str) -> None:
    key = id(parsed)
    _TRACKED[key] = (weakref.ref(parsed, lambda _: _TRACKED.pop(key, None)), report, path)
    values = parsed.__dict__
    for name, alias in _aliases(type(parsed)):
        value = values[name]
        if isinstance(value, BaseModel | list | dict):
            values[name] = track(value, report, member(path, alias))


@cache
def _aliases(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _alias(name, field)) for name, field in model.model_fields.items())


def _alias(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name
