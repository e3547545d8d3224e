"""Random bodies for the methods of a Twirp API: values of every JSON type in every field."""

from __future__ import annotations

import random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

ANY_VALUES = ["", "x", "7", 0, 3, -3, 2**40, 2**70, 1.5, 2.0, True, None, [], ["x"], [1], {}, {"a": "b"}]


def random_object(chooser: random.Random, descriptor: Descriptor, depth: int) -> dict[str, Any]:
    """An object with some fields of a message, in either spelling, and some that it does not have."""
    names = chooser.sample(list(descriptor.fields), min(len(descriptor.fields), chooser.randint(0, 4)))
    oneofs = {field.containing_oneof.name: field for field in names if field.containing_oneof}
    fields = [field for field in names if not field.containing_oneof] + list(oneofs.values())
    body = {
        chooser.choice([field.name, field.json_name]): random_value(chooser, field, depth) for field in fields
    }
    return body | ({"nonsense": chooser.choice([1, [{}], None])} if chooser.random() < 0.2 else {})


def random_value(chooser: random.Random, field: FieldDescriptor, depth: int) -> Any:
    """Mostly a value of the field's type, otherwise one of any type."""
    # That parser keeps unknown numbers of an enum, and takes booleans and numbers in a text for one.
    any_type = ["", "x", None, {}, {"a": 1}] if field.enum_type is not None else ANY_VALUES
    if chooser.random() < 0.2 or (depth == 0 and field.enum_type is None):
        return chooser.choice(any_type)
    single = random_single_value(chooser, field, depth)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {"a": chooser.choice(["b", "", 5, None])}
    return [single] * chooser.randint(0, 2) if field.is_repeated else single


def random_single_value(chooser: random.Random, field: FieldDescriptor, depth: int) -> Any:
    """A value of the field's type."""
    if field.message_type is not None:
        if field.message_type.full_name.startswith("google.protobuf."):
            return chooser.choice(["5s", "2027-01-01T00:00:00Z", "x"])
        return random_object(chooser, field.message_type, depth - 1)
    if field.enum_type is not None:
        known = [value.name for value in field.enum_type.values] + [
            value.number for value in field.enum_type.values
        ]
        return chooser.choice([*known, "UNKNOWN_NAME"])
    if field.type == FieldDescriptor.TYPE_BOOL:
        return chooser.choice([True, False])
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "YWJj"
    return (
        chooser.choice(["call-1", "x"])
        if field.type == FieldDescriptor.TYPE_STRING
        else chooser.choice([0, 5, "5", 5.0])
    )


def holds_text_or_list_for_message(descriptor: Descriptor, body: dict[str, Any]) -> bool:
    """Whether a text or a list stands where a message belongs."""
    fields = {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
    return any(_is_taken_wrongly(fields[name], value) for name, value in body.items() if name in fields)


def _is_taken_wrongly(field: FieldDescriptor, value: Any) -> bool:
    part = field.message_type
    if part is None or part.full_name.startswith("google.protobuf.") or part.GetOptions().map_entry:
        return False
    parts = value if field.is_repeated and isinstance(value, list) else [value]
    return any(
        isinstance(item, str | list)
        or (isinstance(item, dict) and holds_text_or_list_for_message(part, item))
        for item in parts
    )
