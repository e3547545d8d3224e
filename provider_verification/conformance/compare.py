"""Whether one schema allows only what another one allows; every difference is a finding with place and rule."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from provider_verification.conformance.schema_node import SchemaNode

MAX_DEPTH = 24
"""How deep two schemas are compared: a recursive schema has no end."""

NUMERIC_FORMATS = frozenset({"int32", "int64", "float", "double"})
"""Formats that say only how a number is stored, and are not compared."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim of our schemas that the vendor's spec does not allow.

    Attributes:
        vendor: the vendor's name.
        location: the operation and its part, such as `getReservation 200`.
        pointer: the place in the body, such as `/primaryGuest/lastName`.
        rule: property, type, enum, format, required, parameter, status, operation or body.
        message: our claim and the vendor's.
    """

    vendor: str
    location: str
    pointer: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class _Place:
    vendor: str
    location: str
    pointer: str = ""
    depth: int = 0

    def child(self, name: str) -> _Place:
        return _Place(self.vendor, self.location, f"{self.pointer}/{name}", self.depth + 1)

    def finding(self, rule: str, message: str) -> Finding:
        return Finding(self.vendor, self.location, self.pointer, rule, message)


def find_incompatibilities(vendor: str, location: str, ours: SchemaNode, theirs: SchemaNode) -> list[Finding]:
    """Everything that `ours` claims and `theirs` does not allow."""
    return list(_compare(_Place(vendor, location), ours, theirs))


def _compare(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if place.depth > MAX_DEPTH:
        return
    for alternative in ours.alternatives:
        yield from _compare_with_nearest(place, alternative, theirs)


def _compare_with_nearest(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    """The findings of the vendor's alternative with the fewest; none if an alternative contains ours."""
    attempts = [list(_compare_single(place, ours, candidate)) for candidate in _candidates(ours, theirs)]
    yield from min(attempts, key=len)


def _candidates(ours: SchemaNode, theirs: SchemaNode) -> list[SchemaNode]:
    """The vendor's alternatives with a type of ours, or all of them if there is none."""
    same_type = [
        alternative
        for alternative in theirs.alternatives
        if not alternative.types or ours.types & _with_integer(alternative.types)
    ]
    return same_type or list(theirs.alternatives)


def _compare_single(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    yield from _compare_types(place, ours, theirs)
    yield from _compare_enums(place, ours, theirs)
    yield from _compare_formats(place, ours, theirs)
    yield from _compare_properties(place, ours, theirs)
    if ours.items and theirs.items:
        yield from _compare(place.child("*"), ours.items, theirs.items)
    if ours.additional_properties and theirs.additional_properties:
        yield from _compare(place.child("{}"), ours.additional_properties, theirs.additional_properties)


def _compare_types(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if not theirs.types:
        return
    if not ours.types:
        yield place.finding("type", f"any type is claimed, the vendor has {_join(theirs.types)}")
        return
    extra = ours.types - _with_integer(theirs.types)
    if extra:
        yield place.finding("type", f"{_join(extra)} is claimed, the vendor has {_join(theirs.types)}")


def _compare_enums(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if theirs.enum_values is None:
        return
    vendor_has = f"the vendor has only {_join(theirs.enum_values)}"
    if ours.enum_values is None:
        if "string" in ours.types:
            yield place.finding("enum", f"any text is claimed, {vendor_has}")
        return
    extra = [value for value in ours.enum_values if value not in theirs.enum_values]
    if extra:
        yield place.finding("enum", f"{_join(extra)} is claimed, {vendor_has}")


def _compare_formats(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    our_format = ours.format if ours.format not in NUMERIC_FORMATS else None
    their_format = theirs.format if theirs.format not in NUMERIC_FORMATS else None
    if their_format and our_format != their_format and "string" in ours.types:
        yield place.finding(
            "format", f"format {our_format or 'none'} is claimed, the vendor has {their_format}"
        )


def _compare_properties(place: _Place, ours: SchemaNode, theirs: SchemaNode) -> Iterator[Finding]:
    if not ours.properties and not ours.required:
        return
    for name, schema in ours.properties.items():
        if name in theirs.properties:
            yield from _compare(place.child(name), ours.child(schema), theirs.child(theirs.properties[name]))
        elif theirs.additional_properties:
            yield from _compare(place.child(name), ours.child(schema), theirs.additional_properties)
        elif theirs.properties or "object" in theirs.types:
            yield place.child(name).finding("property", "is claimed, the vendor has no such property")
    for name in sorted(theirs.required - ours.required):
        yield place.child(name).finding("required", "the vendor requires it, we do not")
    for name in sorted(ours.required - theirs.required):
        yield place.child(name).finding("required", "we require it, the vendor does not")


def _with_integer(types: frozenset[str]) -> frozenset[str]:
    """The types, with `integer` beside `number`: every integer is a number."""
    return types | {"integer"} if "number" in types else types


def _join(values: Collection[object]) -> str:
    return ", ".join(sorted(map(str, values)))
