"""Protobuf's JSON mapping as LiveKit's Go server writes it."""

from __future__ import annotations

from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
FIELDS_OF_NEWER_SERVERS = {"ringing_timeout_status"}
"""Fields of the installed protocol package that the recorded server does not know."""


def from_dict(value: dict[str, Any], message: M) -> M:
    """Fill a message from a dict with snake_case names."""
    return ParseDict(value, message, ignore_unknown_fields=True)


def clear_unknown_enum_values(message: Message) -> None:
    """Clear the enum fields with a number that the enum does not have, as they are ignored in JSON."""
    for field, value in message.ListFields():
        if field.enum_type is not None:
            known = field.enum_type.values_by_number
            if field.is_repeated:
                value[:] = [number for number in value if number in known]
            elif value not in known:
                message.ClearField(field.name)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else (value,):
                clear_unknown_enum_values(part)


def to_twirp_json(message: Message) -> dict[str, Any]:
    """The form of Twirp responses: snake_case, zero values present, an unset message null, an unset oneof absent."""
    fields = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    for name in FIELDS_OF_NEWER_SERVERS & fields.keys():
        del fields[name]
    for field in message.DESCRIPTOR.fields:
        if field.message_type and not field.message_type.GetOptions().map_entry:
            fields |= _nested(message, field)
    return fields


def to_webhook_json(message: Message) -> dict[str, Any]:
    """The form of webhook bodies: camelCase, zero values absent."""
    return MessageToDict(message)


def _nested(message: Message, field: Any) -> dict[str, Any]:
    """A field that holds messages; an unset one is null, or absent if it belongs to a oneof."""
    if field.is_repeated:
        return {field.name: [_message_value(field, item) for item in getattr(message, field.name)]}
    if message.HasField(field.name):
        return {field.name: _message_value(field, getattr(message, field.name))}
    return {field.name: None} if field.containing_oneof is None else {}


def _message_value(field: Any, value: Message) -> Any:
    return (
        MessageToDict(value)
        if field.message_type.full_name.startswith("google.protobuf.")
        else to_twirp_json(value)
    )
