"""Protobuf's JSON mapping as LiveKit's Go server reads and writes it."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict, Parse, ParseDict, ParseError
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
FIELDS_OF_NEWER_SERVERS = {"ringing_timeout_status"}
"""Fields of the installed protocol package that the recorded server does not know."""


def parse_message(raw: bytes, message: M) -> M:
    """Fill a message from JSON: both spellings are accepted, unknown fields and enum names are ignored.

    Raises:
        ValueError: the body is not a JSON object, or a value has the wrong type.
    """
    try:
        text = raw.decode()
        _check_fields(json.loads(text), message)
        return Parse(text, message, ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _check_fields(value: Any, message: Message) -> None:
    """Reject what Python's parser accepts and Go's does not: invalid base64, one field in both spellings."""
    if not isinstance(value, dict):
        raise ParseError("the body should be an object")
    for field in message.DESCRIPTOR.fields:
        if field.type == field.TYPE_BYTES and not _is_base64(value.get(field.name, "")):
            raise ParseError(f"the field {field.name} should be base64")
        if field.json_name != field.name and field.json_name in value and field.name in value:
            raise ParseError(f"the field {field.name} is present in both spellings")


def _is_base64(text: Any) -> bool:
    """Whether a text is base64 in either alphabet, padded or not; Python's parser ignores other characters."""
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9+/_-]*={0,2}", text) is not None


def from_dict(value: dict[str, Any], message: M) -> M:
    """Fill a message from a dict with snake_case names."""
    return ParseDict(value, message, ignore_unknown_fields=True)


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
