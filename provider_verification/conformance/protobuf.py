"""Operations of a Twirp API, read from the protobuf descriptors of the vendor's own Python package."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.operations import Operation
from provider_verification.conformance.schema_node import DocumentLoader, SchemaNode

Field = FieldDescriptor
INT32_TYPES = {
    Field.TYPE_INT32,
    Field.TYPE_UINT32,
    Field.TYPE_SINT32,
    Field.TYPE_FIXED32,
    Field.TYPE_SFIXED32,
}
INT64_TYPES = {
    Field.TYPE_INT64,
    Field.TYPE_UINT64,
    Field.TYPE_SINT64,
    Field.TYPE_FIXED64,
    Field.TYPE_SFIXED64,
}
FLOAT_TYPES = {Field.TYPE_FLOAT, Field.TYPE_DOUBLE}
STRING_ENCODED_MESSAGES = {"google.protobuf.Timestamp", "google.protobuf.Duration"}


@dataclass(frozen=True, slots=True)
class JsonMapping:
    """How messages are written as JSON: names in lowerCamelCase or snake_case, unset fields present or absent."""

    name: str
    camel_case: bool
    include_defaults: bool


REQUEST = JsonMapping("request", camel_case=False, include_defaults=False)
RESPONSE = JsonMapping("response", camel_case=False, include_defaults=True)
"""Recorded: LiveKit's server writes every field of a response, except unset members of a oneof."""
WEBHOOK = JsonMapping("webhook", camel_case=True, include_defaults=False)

ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "msg": {"type": "string"},
        "meta": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["code", "msg"],
}
ERROR_STATUSES = ("400", "401", "403", "404", "408", "409", "412", "500", "501", "503")
"""The HTTP statuses of Twirp's error codes."""


def twirp_operations(modules: Iterable[str], documents: DocumentLoader) -> Iterator[Operation]:
    """Every method of every service in the named modules, as POST operations over JSON.

    Raises:
        SpecError: a module is not installed.
    """
    for name in modules:
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            raise SpecError(f"the descriptors of {name} are not installed: {error}") from None
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield _operation(method, documents)


def message_node(module: str, message: str, documents: DocumentLoader) -> SchemaNode:
    """The schema of a message as webhooks contain it, with lowerCamelCase names.

    Raises:
        SpecError: the module or the message does not exist.
    """
    try:
        descriptor = importlib.import_module(module).DESCRIPTOR.message_types_by_name[message]
    except (ImportError, KeyError):
        raise SpecError(f"there is no message {message} in {module}") from None
    return _node(descriptor, documents, WEBHOOK)


def _operation(method: MethodDescriptor, documents: DocumentLoader) -> Operation:
    service = method.containing_service.full_name
    error = SchemaNode(ERROR, Path("twirp"), documents)
    return Operation(
        name=method.name,
        method="post",
        path=f"/twirp/{service}/{method.name}",
        request=_node(method.input_type, documents, REQUEST),
        responses={
            "200": _node(method.output_type, documents, RESPONSE),
            **dict.fromkeys(ERROR_STATUSES, error),
        },
    )


def _node(message: Descriptor, documents: DocumentLoader, mapping: JsonMapping) -> SchemaNode:
    file = Path(f"{message.full_name}-{mapping.name}")
    return SchemaNode.resolve(_schema(message, (), mapping), file, documents)


def _schema(message: Descriptor, ancestors: tuple[str, ...], mapping: JsonMapping) -> dict[str, Any]:
    """The schema of a message; where a message contains itself, anything is allowed."""
    if message.full_name in STRING_ENCODED_MESSAGES:
        return {"type": ["string", "null"]}
    # A schema that repeats its ancestors would have no end.
    if message.full_name in ancestors or message.full_name == "google.protobuf.Any":
        return {}
    nested = (*ancestors, message.full_name)
    return {
        "type": ["object", "null"],
        "properties": {
            field.json_name if mapping.camel_case else field.name: _field(field, nested, mapping)
            for field in message.fields
        },
        "required": [
            field.name
            for field in message.fields
            if mapping.include_defaults and field.containing_oneof is None
        ],
    }


def _field(field: FieldDescriptor, ancestors: tuple[str, ...], mapping: JsonMapping) -> dict[str, Any]:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        return {
            "type": "object",
            "additionalProperties": _single_value(entry.fields_by_name["value"], ancestors, mapping),
        }
    value = _single_value(field, ancestors, mapping)
    return {"type": ["array", "null"], "items": value} if field.is_repeated else value


def _single_value(field: FieldDescriptor, ancestors: tuple[str, ...], mapping: JsonMapping) -> dict[str, Any]:
    if field.message_type is not None:
        return _schema(field.message_type, ancestors, mapping)
    if field.enum_type is not None:
        return {"type": ["string", "null"], "enum": [value.name for value in field.enum_type.values]}
    if field.type in INT32_TYPES:
        return {"type": ["integer", "null"]}
    # The JSON mapping of protobuf writes 64-bit integers as strings and reads both.
    if field.type in INT64_TYPES:
        return {"type": ["string", "integer", "null"]}
    if field.type in FLOAT_TYPES:
        return {"type": ["number", "null"]}
    return {"type": ["boolean" if field.type == Field.TYPE_BOOL else "string", "null"]}
