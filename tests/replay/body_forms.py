"""Other forms of a recorded request: with the same meaning, and with a value of the wrong type."""

from __future__ import annotations

import json
import random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

Field = FieldDescriptor
INTEGER_TYPES = {Field.TYPE_INT32, Field.TYPE_INT64, Field.TYPE_UINT32, Field.TYPE_UINT64}
TRAILING_TEXTS = ["", " and more", "{}", "}", "\n[1", "\x00"]
UNKNOWN_MEMBERS = '"nonsense":1,"nonsense":{"a":[null]}'
OF_OTHER_TYPES: dict[int, list[Any]] = {
    Field.TYPE_STRING: [5, [], {}, True],
    Field.TYPE_BOOL: ["true", 1, [], {}],
    Field.TYPE_MESSAGE: ["5", 5, [], True],
    Field.TYPE_ENUM: [True, 1.5, [], {}],
    Field.TYPE_BYTES: ["***", 5, {}],
}


def rewrite(chooser: random.Random, descriptor: Descriptor, body: dict[str, Any]) -> str:
    """Return a text that means the same: other spellings, order and literals, unknown members, nulls, text at its end."""
    return _rewrite_object(chooser, descriptor, body) + chooser.choice(TRAILING_TEXTS)


def spoil(chooser: random.Random, descriptor: Descriptor, body: dict[str, Any]) -> str | None:
    """Return a text in which one known field has another type or is given twice; None if the body has no known field."""
    fields = _fields_by_name(descriptor)
    known = sorted(name for name in body if name in fields)
    if not known:
        return None
    name = chooser.choice(known)
    field = fields[name]
    if chooser.random() < 0.25:
        return f"{json.dumps(body)[:-1]},{json.dumps(field.json_name)}:null}}"
    is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
    if field.is_repeated:
        value = chooser.choice(["x", 5, [] if is_map else {}, [None]])
    else:
        value = chooser.choice(OF_OTHER_TYPES.get(field.type, ["soon", 1.5, True, "1x", 2**70]))
    return json.dumps({**body, name: value})


def _rewrite_object(chooser: random.Random, descriptor: Descriptor, body: dict[str, Any]) -> str:
    fields = _fields_by_name(descriptor)
    members = []
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            members.append(f"{json.dumps(name)}:{json.dumps(value)}")
        else:
            spelling = chooser.choice([field.name, field.json_name])
            members.append(f"{json.dumps(spelling)}:{_rewrite_value(chooser, field, value)}")
    present = {fields[name].name for name in body if name in fields}
    absent = [field for field in descriptor.fields if field.name not in present]
    if absent:
        members.append(f"{json.dumps(chooser.choice(absent).json_name)}:null")
    chooser.shuffle(members)
    return "{" + ",".join([*members, UNKNOWN_MEMBERS]) + "}"


def _rewrite_value(chooser: random.Random, field: FieldDescriptor, value: Any) -> str:
    part = field.message_type
    if part is not None and not part.full_name.startswith("google.") and not part.GetOptions().map_entry:
        if isinstance(value, dict):
            return _rewrite_object(chooser, part, value)
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return "[" + ",".join(_rewrite_object(chooser, part, item) for item in value) + "]"
    if field.type in INTEGER_TYPES and type(value) is int:
        return chooser.choice([f"{value}", f'"{value}"', f"{value}.0", f"{value}e0", f'"{value}E+0"'])
    if field.enum_type is not None and value in field.enum_type.values_by_name:
        return chooser.choice([json.dumps(value), str(field.enum_type.values_by_name[value].number)])
    return json.dumps(value)


def _fields_by_name(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    return {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
