"""Protobuf's JSON form as LiveKit's Go server reads and writes it."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict, Parse, ParseDict, ParseError
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
FIELDS_OF_NEWER_SERVERS = {"ringing_timeout_status"}
"""Fields of the protocol's package that the recorded server, of an earlier version, does not send."""


def parse_message(raw: bytes, message: M) -> M:
    """Fill a message from JSON: both spellings are taken, unknown fields and enum names dropped.

    Raises:
        ValueError: it is no JSON object, or a value has the wrong type.
    """
    try:
        text = raw.decode()
        _check_names(json.loads(text), message)
        return Parse(text, message, ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _check_names(value: Any, message: Message) -> None:
    """An object, and no field in both spellings; one given twice is refused by the parser."""
    if not isinstance(value, dict):
        raise ParseError("the body should be an object")
    for field in message.DESCRIPTOR.fields:
        if field.type == field.TYPE_BYTES and not _is_base64(value.get(field.name, "")):
            raise ParseError(f"the field {field.name} is no base64")
        if field.json_name != field.name and field.json_name in value and field.name in value:
            raise ParseError(f"the field {field.name} is there in both spellings")


def _is_base64(text: Any) -> bool:
    """Either alphabet, padded or not; Python's parser drops what is neither."""
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9+/_-]*={0,2}", text) is not None


def from_dict(value: dict[str, Any], message: M) -> M:
    """Fill a message from a dict in the snake_case form."""
    return ParseDict(value, message, ignore_unknown_fields=True)


def to_twirp_json(message: Message) -> dict[str, Any]:
    """The form of Twirp answers: snake_case, zero values there, an unset message null, an unset oneof absent."""
    shown = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    for name in FIELDS_OF_NEWER_SERVERS & shown.keys():
        del shown[name]
    for field in message.DESCRIPTOR.fields:
        if field.message_type and not field.message_type.GetOptions().map_entry:
            shown |= _nested(message, field)
    return shown


def to_webhook_json(message: Message) -> dict[str, Any]:
    """The form of webhook bodies: camelCase, zero values left out."""
    return MessageToDict(message)


def _nested(message: Message, field: Any) -> dict[str, Any]:
    """A field that holds messages; one that is not set is null, in a oneof absent."""
    if field.is_repeated:
        return {field.name: [_inner(field, item) for item in getattr(message, field.name)]}
    if message.HasField(field.name):
        return {field.name: _inner(field, getattr(message, field.name))}
    return {field.name: None} if field.containing_oneof is None else {}


def _inner(field: Any, value: Message) -> Any:
    return (
        MessageToDict(value)
        if field.message_type.full_name.startswith("google.protobuf.")
        else to_twirp_json(value)
    )
