"""Is one schema contained in another? Every difference is a finding with its place and rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provider_verification.conformance.schema_node import SchemaNode

MAX_DEPTH = 24
"""How deep two schemas are compared; a recursive schema would never end."""

NUMERIC_FORMATS = frozenset({"int32", "int64", "float", "double"})
"""Formats that only say how a number is stored."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim of ours that the vendor's spec does not allow.

    Args:
        where: the operation and part, such as `getReservation 200`.
        pointer: the place in the body, such as `/primaryGuest/lastName`.
        rule: property, type, enum, format, required, parameter, status, operation or body.
        message: what we claim and what the vendor says.
    """

    vendor: str
    location: str
    pointer: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class _Place:
    vendor: str
    where: str
    pointer: str = ""
    depth: int = 0

    def below(self, part: str) -> _Place:
        return _Place(self.vendor, self.where, f"{self.pointer}/{part}", self.depth + 1)

    def finding(self, rule: str, message: str) -> Finding:
        return Finding(self.vendor, self.where, self.pointer, rule, message)


def find_incompatibilities(vendor: str, where: str, ours: SchemaNode, theirs: SchemaNode) -> list[Finding]:
    """Everything that `ours` claims and `theirs` does not allow."""
    return list(_compare(_Place(vendor, where), ours, theirs))


def _compare(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if place.depth > MAX_DEPTH:
        return
    for branch in ours.alternatives:
        yield from _best_match(place, branch, theirs)


def _best_match(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    """Nothing if one of the vendor's alternatives contains ours, else what the nearest one says."""
    attempts = [list(_one(place, ours, choice)) for choice in _candidates(ours, theirs)]
    yield from min(attempts, key=len)


def _candidates(ours: SchemaNode, theirs: SchemaNode) -> list[SchemaNode]:
    """The alternatives of the right type, all of them when none is."""
    same = [
        branch for branch in theirs.alternatives if not branch.types or ours.types & _widened(branch.types)
    ]
    return same or list(theirs.alternatives)


def _one(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    yield from _types(place, ours, theirs)
    yield from _choices(place, ours, theirs)
    yield from _format(place, ours, theirs)
    yield from _properties(place, ours, theirs)
    if ours.items and theirs.items:
        yield from _compare(place.below("*"), ours.items, theirs.items)
    if ours.additional_properties and theirs.additional_properties:
        yield from _compare(place.below("{}"), ours.additional_properties, theirs.additional_properties)


def _types(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if not theirs.types:
        return
    if not ours.types:
        yield place.finding("type", f"any type is claimed, the vendor has {_words(theirs.types)}")
        return
    extra = ours.types - _widened(theirs.types)
    if extra:
        yield place.finding("type", f"{_words(extra)} is claimed, the vendor has {_words(theirs.types)}")


def _choices(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if theirs.enum_values is None:
        return
    if ours.enum_values is None:
        if "string" in ours.types:
            yield place.finding(
                "enum", f"any text is claimed, the vendor has only {_words(theirs.enum_values)}"
            )
        return
    extra = [choice for choice in ours.enum_values if choice not in theirs.enum_values]
    if extra:
        yield place.finding(
            "enum", f"{_words(extra)} is claimed, the vendor has only {_words(theirs.enum_values)}"
        )


def _format(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    theirs_counts = theirs.format if theirs.format not in NUMERIC_FORMATS else None
    ours_counts = ours.format if ours.format not in NUMERIC_FORMATS else None
    if theirs_counts and ours_counts != theirs_counts and "string" in ours.types:
        yield place.finding(
            "format", f"format {ours_counts or 'none'} is claimed, the vendor has {theirs_counts}"
        )


def _properties(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if not ours.properties and not ours.required:
        return
    for name, schema in ours.properties.items():
        if name in theirs.properties:
            yield from _compare(place.below(name), ours.child(schema), theirs.child(theirs.properties[name]))
        elif theirs.additional_properties:
            yield from _compare(place.below(name), ours.child(schema), theirs.additional_properties)
        elif theirs.properties or "object" in theirs.types:
            yield place.below(name).finding("property", "is claimed, the vendor has no such property")
    for name in sorted(theirs.required - ours.required):
        yield place.below(name).finding("required", "the vendor requires it, we do not")
    for name in sorted(ours.required - theirs.required):
        yield place.below(name).finding("required", "we require it, the vendor does not")


def _widened(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types


def _words(values: object) -> str:
    return (
        ", ".join(sorted(map(str, values))) if isinstance(values, frozenset | tuple | list) else str(values)
    )
