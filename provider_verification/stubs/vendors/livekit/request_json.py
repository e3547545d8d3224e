"""Requests in JSON, read as Go's `encoding/json` and `protojson` read them: they decide what is `malformed`.

Python's own `google.protobuf.json_format` accepts other documents: a text where a message belongs, for example, and it
rejects text after the document. Source: the recorded server, and the code of `google.golang.org/protobuf`.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from provider_verification.stubs.vendors.livekit.field_names import FIELD_NAMES
from provider_verification.stubs.vendors.livekit.json_values import (
    SCALAR_READERS,
    Number,
    read_duration,
    read_enum,
    read_timestamp,
)

JSON_WHITESPACE = " \t\r\n"
LONE_SURROGATE_PATTERN = re.compile(r"\\u[dD][89a-fA-F]")
WELL_KNOWN_READERS = {
    "google.protobuf.Duration": read_duration,
    "google.protobuf.Timestamp": read_timestamp,
}


class MalformedRequestError(Exception):
    """A body that the server cannot decode; the message says why, which the server does not."""


class _Object(dict[str, Any]):
    """A JSON object with its fields named as in the schemas.

    Attributes:
        members: the names and values in their order as they were sent, with repeated names.
    """

    __slots__ = ("members",)

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__((FIELD_NAMES.get(name, name), value) for name, value in members)
        self.members = members


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_int=Number, parse_float=Number, parse_constant=_reject_constant
)
_PAIRS_DECODER = json.JSONDecoder(object_pairs_hook=list, parse_int=Number, parse_float=Number)


class IgnoredValue(NamedTuple):
    """A name that the enum of a field does not have."""

    field: str
    enum: EnumDescriptor
    name: str


class ParsedRequest(NamedTuple):
    """A body that a message was filled from.

    Attributes:
        document: the first JSON document with its fields named as in the schemas, those included that the message lacks.
        ignored: the values that LiveKit ignores.
    """

    document: dict[str, Any]
    ignored: list[IgnoredValue]


def parse_message(raw: bytes, message: Message) -> ParsedRequest:
    """Fill a message from the first JSON document of a body; what follows the document is ignored.

    Both spellings of a field are accepted; unknown fields, enum names and enum numbers are ignored.

    Raises:
        MalformedRequestError: the body does not begin with a JSON object, or a value has the wrong type.
    """
    reader = _MessageReader()
    try:
        document = _read_first_document(raw)
        reader.fill(message, document)
    except (ValueError, RecursionError) as error:
        raise MalformedRequestError(str(error)) from None
    return ParsedRequest(document, reader.ignored)


def _read_first_document(raw: bytes) -> Any:
    # Go looks only at the bytes of the first document, so invalid UTF-8 after it is ignored too.
    text = raw.decode(errors="surrogateescape").lstrip(JSON_WHITESPACE)
    document, end = _DECODER.raw_decode(text)
    text[:end].encode()
    if LONE_SURROGATE_PATTERN.search(text, 0, end):
        # as pairs: the object lacks the earlier values of a name that is given twice
        json.dumps(_PAIRS_DECODER.raw_decode(text)[0], ensure_ascii=False).encode()
    return document


def _mark_seen(seen: set[str], name: str) -> None:
    if name in seen:
        raise ValueError(f"{name} is set twice")
    seen.add(name)


@functools.cache
def _fields_by_name(descriptor: Descriptor) -> Mapping[str, FieldDescriptor]:
    return {field.name: field for field in descriptor.fields} | {
        field.json_name: field for field in descriptor.fields
    }


class _MessageReader:
    """Fills messages from a JSON document.

    Attributes:
        ignored: the names of enum values that no enum has.
    """

    def __init__(self) -> None:
        self.ignored: list[IgnoredValue] = []

    def fill(self, message: Message, value: Any) -> None:
        """Fill a message from an object of the document.

        Raises:
            ValueError: the value is no object, or one of its members has the wrong type.
        """
        if type(value) is not _Object:
            raise ValueError("an object is expected")
        fields = _fields_by_name(message.DESCRIPTOR)
        seen: set[str] = set()
        for name, item in value.members:
            field = fields.get(name)
            if field is None:
                continue
            _mark_seen(seen, field.name)
            # A null is the same as an absent field, but it counts as a repetition.
            if item is None:
                continue
            if field.containing_oneof is not None:
                _mark_seen(seen, f"oneof {field.containing_oneof.name}")
            try:
                self._set_field(message, field, item)
            except ValueError as error:
                raise ValueError(f"{field.name}: {error}") from None

    def _set_field(self, message: Message, field: FieldDescriptor, value: Any) -> None:
        if not field.is_repeated:
            if field.message_type is None:
                self._set_scalar(message, field, value)
            else:
                part = getattr(message, field.name)
                part.SetInParent()
                self._fill_part(part, value)
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            self._fill_map(getattr(message, field.name), field.message_type.fields_by_name["value"], value)
        else:
            self._fill_list(getattr(message, field.name), field, value)

    def _set_scalar(self, message: Message, field: FieldDescriptor, value: Any) -> None:
        scalar = self._read_scalar(field, value)
        if scalar is not None:
            setattr(message, field.name, scalar)

    def _fill_part(self, part: Message, value: Any) -> None:
        read = WELL_KNOWN_READERS.get(part.DESCRIPTOR.full_name)
        if read is None:
            self.fill(part, value)
        else:
            part.CopyFrom(read(value))

    def _fill_list(self, items: Any, field: FieldDescriptor, value: Any) -> None:
        if type(value) is not list:
            raise ValueError("a list is expected")
        for item in value:
            if field.message_type is not None:
                self._fill_part(items.add(), item)
            elif (scalar := self._read_scalar(field, item)) is not None:
                items.append(scalar)

    def _fill_map(self, entries: Any, value_field: FieldDescriptor, value: Any) -> None:
        if type(value) is not _Object:
            raise ValueError("an object is expected")
        for key, item in value.members:
            if key in entries:
                raise ValueError(f"the key {key} is given twice")
            entries[key] = self._read_scalar(value_field, item)

    def _read_scalar(self, field: FieldDescriptor, value: Any) -> Any:
        """The value of a field; None if it is an unknown value of an enum, which is ignored."""
        if field.enum_type is not None:
            number = read_enum(field.enum_type, value)
            # Go keeps a number that the enum does not have.
            if number is None and type(value) is str:
                self.ignored.append(IgnoredValue(field.name, field.enum_type, value))
            return number
        return SCALAR_READERS[field.type](value)
