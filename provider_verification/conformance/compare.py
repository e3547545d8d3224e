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
    """A claim of schemas/ that the vendor's spec does not allow.

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


def find_incompatibilities(
    vendor: str, location: str, claimed: SchemaNode, documented: SchemaNode
) -> list[Finding]:
    """Everything that `claimed` has and `documented` does not allow."""
    return list(_compare(_Place(vendor, location), claimed, documented))


def _compare(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    if place.depth > MAX_DEPTH:
        return
    for alternative in claimed.alternatives:
        yield from _compare_with_nearest(place, alternative, documented)


def _compare_with_nearest(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    """The findings of the vendor's alternative with the fewest; none if an alternative contains `claimed`."""
    attempts = [
        list(_compare_single(place, claimed, candidate)) for candidate in _candidates(claimed, documented)
    ]
    yield from min(attempts, key=len)


def _candidates(claimed: SchemaNode, documented: SchemaNode) -> list[SchemaNode]:
    """The vendor's alternatives with a type of `claimed`, or all of them if none has one."""
    same_type = [
        alternative
        for alternative in documented.alternatives
        if not alternative.types or claimed.types & _with_integer(alternative.types)
    ]
    return same_type or list(documented.alternatives)


def _compare_single(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    yield from _compare_types(place, claimed, documented)
    yield from _compare_enums(place, claimed, documented)
    yield from _compare_formats(place, claimed, documented)
    yield from _compare_properties(place, claimed, documented)
    if claimed.items and documented.items:
        yield from _compare(place.child("*"), claimed.items, documented.items)
    if claimed.additional_properties and documented.additional_properties:
        yield from _compare(
            place.child("{}"), claimed.additional_properties, documented.additional_properties
        )


def _compare_types(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    if not documented.types:
        return
    if not claimed.types:
        yield place.finding("type", f"any type is claimed, the vendor has {_join(documented.types)}")
        return
    extra = claimed.types - _with_integer(documented.types)
    if extra:
        yield place.finding("type", f"{_join(extra)} is claimed, the vendor has {_join(documented.types)}")


def _compare_enums(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    if documented.enum_values is None:
        return
    vendor_has = f"the vendor has only {_join(documented.enum_values)}"
    if claimed.enum_values is None:
        if "string" in claimed.types:
            yield place.finding("enum", f"any text is claimed, {vendor_has}")
        return
    extra = [value for value in claimed.enum_values if value not in documented.enum_values]
    if extra:
        yield place.finding("enum", f"{_join(extra)} is claimed, {vendor_has}")


def _compare_formats(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    claimed_format = claimed.format if claimed.format not in NUMERIC_FORMATS else None
    documented_format = documented.format if documented.format not in NUMERIC_FORMATS else None
    if documented_format and claimed_format != documented_format and "string" in claimed.types:
        yield place.finding(
            "format", f"format {claimed_format or 'none'} is claimed, the vendor has {documented_format}"
        )


def _compare_properties(place: _Place, claimed: SchemaNode, documented: SchemaNode) -> Iterator[Finding]:
    if not claimed.properties and not claimed.required:
        return
    for name, schema in claimed.properties.items():
        if name in documented.properties:
            yield from _compare(
                place.child(name), claimed.child(schema), documented.child(documented.properties[name])
            )
        elif documented.additional_properties:
            yield from _compare(place.child(name), claimed.child(schema), documented.additional_properties)
        elif documented.properties or "object" in documented.types:
            yield place.child(name).finding("property", "is claimed, the vendor has no such property")
    for name in sorted(documented.required - claimed.required):
        yield place.child(name).finding("required", "the vendor requires it, we do not")
    for name in sorted(claimed.required - documented.required):
        yield place.child(name).finding("required", "we require it, the vendor does not")


def _with_integer(types: frozenset[str]) -> frozenset[str]:
    """The types, with `integer` beside `number`: every integer is a number."""
    return types | {"integer"} if "number" in types else types


def _join(values: Collection[object]) -> str:
    return ", ".join(sorted(map(str, values)))
