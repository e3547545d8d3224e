"""Parsed vendor models whose attributes report that they are read.

Only what code reads by name counts: an attribute of a model, a key of a mapping, or all keys if it is iterated. Parsing,
validators, `repr`, `==`, `hash` and `model_dump` do not read attributes (pydantic uses the instance's `__dict__`), so they
do not count: a field that the orchestrator only dumps is reported as unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Self, get_args, get_origin

import httpx
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contract_usage.paths import ANY_ELEMENT, ANY_KEY, HEADER, ROOT, member
from contract_usage.uses import Use

NODE = "_usage_node"
"""The key in an instance's `__dict__`; pydantic ignores what is no field there, as it does for cached properties."""


Report = Callable[[str, Use], None]


class Node:
    """An object in the bodies of an exchange. All bodies have the same nodes, so that a field is reported once.

    Args:
        report: takes the path of a field, and how it is used.
        path: of the object.
    """

    __slots__ = ("_asked", "_children", "_kinds", "_path", "_report", "known")

    def __init__(self, report: Report, path: str = ROOT) -> None:
        self._report, self._path = report, path
        self._children: dict[str, Node] = {}
        self._asked: set[str] = set()
        self._kinds: set[type[BaseModel]] = set()
        self.known: set[str] = set()
        """The members that were read before with a value, of which there is nothing more to report."""

    def read(self, key: str, *, has_value: bool) -> None:
        """Report that a member is read."""
        known = self.known if has_value else self._asked
        if key not in known:
            known.add(key)
            path = self._path + ANY_KEY if key == ANY_KEY else member(self._path, key)
            self._report(path, Use.READ if has_value else Use.ASKED)

    def parse(self, kind: type[BaseModel]) -> None:
        """Report the members that a model requires, which the object was parsed into."""
        if kind not in self._kinds:
            self._kinds.add(kind)
            for name, field in kind.model_fields.items():
                if field.is_required():
                    self._report(member(self._path, _alias(name, field)), Use.REQUIRED)

    def child(self, key: str) -> Node:
        """Return the node of a member."""
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = Node(self._report, member(self._path, key))
        return child

    def element(self) -> Node:
        """Return the node of all elements, if this is that of a list."""
        if ANY_ELEMENT not in self._children:
            self._children[ANY_ELEMENT] = Node(self._report, self._path + ANY_ELEMENT)
        return self._children[ANY_ELEMENT]

    def __deepcopy__(self, _memo: object) -> Self:
        """Return the same node: a copy of a model is read like the model."""
        return self


class TrackedMapping(dict[str, Any]):
    """A mapping of a parsed model that reports the keys which are read."""

    def __init__(self, content: dict[str, Any], node: Node) -> None:
        super().__init__(content)
        self._node = node

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value."""
        self._note(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._note(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._note_all()
        return super().__iter__()

    def keys(self) -> Any:
        """Return the keys."""
        self._note_all()
        return super().keys()

    def items(self) -> Any:
        """Return keys and values."""
        self._note_all()
        return super().items()

    def values(self) -> Any:
        """Return the values."""
        self._note_all()
        return super().values()

    def _note(self, key: str) -> None:
        self._node.read(key, has_value=super().get(key) is not None)

    def _note_all(self) -> None:
        self._node.read(ANY_KEY, has_value=len(self) > 0)


class TrackedHeaders(httpx.Headers):
    """The headers of a response, which report the names that are read."""

    def __init__(self, headers: httpx.Headers, report: Report) -> None:
        super().__init__(headers)
        self._report = report

    def __getitem__(self, key: str) -> str:
        self._report(HEADER + key.lower(), Use.READ if key in self else Use.ASKED)
        return super().__getitem__(key)


def instrument(model: type[BaseModel]) -> None:
    """Make the fields of a model and of its subclasses report reads; nothing happens for objects that are not tracked."""
    for subclass in model.__subclasses__():
        instrument(subclass)
    for name, field in model.model_fields.items():
        # an inherited field is replaced in the subclass too, which may have given it another alias
        setattr(model, name, _reporting_property(name, _alias(name, field), _default(field)))


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)


def _reporting_property(name: str, alias: str, default: Any) -> property:
    """Return what takes the place of a field in its class; a property precedes the instance's `__dict__`."""

    def read(instance: BaseModel) -> Any:
        values = instance.__dict__
        node, value = values.get(NODE), values[name]
        if node is not None and alias not in node.known:
            # the code cannot tell a field that is sent with its default from one that is absent
            node.read(alias, has_value=value is not None and value != default)
        return value

    return property(read)


def track(parsed: Any, node: Node) -> Any:
    """Report reads of a parsed value from now on; return it, or what takes its place if it is a mapping."""
    kind: Any = type(parsed)
    if kind is list:
        element_node = node.element()
        for element in parsed:
            track(element, element_node)
    elif kind is dict:
        return TrackedMapping({key: track(value, node.child(key)) for key, value in parsed.items()}, node)
    # isinstance() takes longer for a pydantic model than all the rest
    elif (nesting_fields := _nesting_fields(kind)) is not None:
        node.parse(kind)
        values = parsed.__dict__
        values[NODE] = node
        for name, alias in nesting_fields:
            value = values[name]
            if value is not None:
                values[name] = track(value, node.child(alias))
    return parsed


@cache
def _nesting_fields(kind: type) -> tuple[tuple[str, str], ...] | None:
    """Return name and alias of a model's fields that may hold objects, lists or mappings; None for another type."""
    if not issubclass(kind, BaseModel):
        return None
    return tuple(
        (name, _alias(name, field))
        for name, field in kind.model_fields.items()
        if _may_nest(field.annotation)
    )


def _may_nest(annotation: Any) -> bool:
    if annotation is Any or get_origin(annotation) in (list, dict):
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(map(_may_nest, get_args(annotation)))


def _alias(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name
