"""The names of the fields that a body may have, as a tree: those that schemas list, and those of a body that they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from provider_verification.stubs.engine.schema_files import SchemaFiles, SchemaNode

FieldTree: TypeAlias = "Mapping[str, FieldTree] | None"
"""The fields of an object by name, those of a list's items included; None if nothing is known of what is inside."""

ANY_NAME = "*"
"""The name that stands for every name, in the tree of a map."""


class UnlistedField(NamedTuple):
    """A field of a body that the stub's schemas lack.

    Attributes:
        location: the path to the field, such as `("body", "reservations", 0, "pet")`.
        is_vendors: whether the vendor has it, or has not described which fields it takes.
    """

    location: tuple[str | int, ...]
    is_vendors: bool


def read_fields(files: SchemaFiles, node: SchemaNode, ancestors: frozenset[str] = frozenset()) -> FieldTree:
    """Return the fields that a schema lists; None for one that allows any field, and where it contains itself."""
    node = files.resolve(node)
    if node.uri in ancestors or not isinstance(node.value, dict):
        return None
    nested = ancestors | {node.uri}
    parts = [
        read_fields(files, node.child(keyword, number), nested)
        for keyword in ("anyOf", "oneOf", "allOf")
        for number, part in enumerate(node.value.get(keyword, ()))
        if not _is_scalar(files.resolve(node.child(keyword, number)))
    ]
    if "items" in node.value:
        parts.append(read_fields(files, node.child("items"), nested))
    if "properties" in node.value or isinstance(node.value.get("additionalProperties"), dict):
        parts.append(_object_fields(files, node, nested))
    return merge_fields(parts)


def _object_fields(files: SchemaFiles, node: SchemaNode, ancestors: frozenset[str]) -> FieldTree:
    fields = {
        name: read_fields(files, node.child("properties", name), ancestors)
        for name in node.value.get("properties", ())
    }
    if isinstance(node.value.get("additionalProperties"), dict):
        fields[ANY_NAME] = read_fields(files, node.child("additionalProperties"), ancestors)
    return fields


def _is_scalar(node: SchemaNode) -> bool:
    types = node.value.get("type", ())
    return bool(types) and not {"object", "array"} & ({types} if isinstance(types, str) else set(types))


def merge_fields(trees: list[FieldTree]) -> FieldTree:
    """Return the fields of all alternatives; None if one of them allows any field, or if there is none."""
    merged: dict[str, FieldTree] = {}
    for tree in trees:
        if tree is None:
            return None
        for name, fields in tree.items():
            merged[name] = merge_fields([merged[name], fields]) if name in merged else fields
    return merged or None


def find_unlisted(
    value: Any, listed: FieldTree, vendors: FieldTree, location: tuple[str | int, ...] = ("body",)
) -> Iterator[UnlistedField]:
    """Yield the fields of a body that are not listed; nothing inside them.

    Args:
        value: the body, or a part of it.
        listed: the fields that the stub's schemas have there.
        vendors: the fields that the vendor has there.
        location: the path to the value.
    """
    if listed is None:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_unlisted(item, listed, vendors, (*location, index))
    elif isinstance(value, dict):
        any_fields = listed.get(ANY_NAME, _MISSING)
        for name, item in value.items():
            fields = listed.get(name, any_fields)
            if fields is _MISSING:
                yield UnlistedField(
                    (*location, name), vendors is None or not {name, ANY_NAME}.isdisjoint(vendors)
                )
            elif fields is not None and isinstance(item, dict | list):
                child = None if vendors is None else vendors.get(name, vendors.get(ANY_NAME))
                yield from find_unlisted(item, fields, child, (*location, name))


_MISSING: Any = object()
