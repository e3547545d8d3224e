"""The fields of a JSON request as they were sent: decoding drops those that no message has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from livekit.protocol import agent_dispatch, egress, ingress, models, room, sip

from provider_verification.stubs.sdk import media_type


def _camel_case_names(modules: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for module in modules:
        messages = list(module.DESCRIPTOR.message_types_by_name.values())
        while messages:
            message = messages.pop()
            messages += message.nested_types
            yield from ((field.json_name, field.name) for field in message.fields)


FIELD_NAMES = dict(_camel_case_names((agent_dispatch, egress, ingress, models, room, sip)))
"""The snake_case name of every field of LiveKit's messages, by its lowerCamelCase name."""


def sent_fields(headers: Mapping[str, str], raw: bytes, body: Any) -> Any:
    """Return the first JSON value of a body with its fields named as in the schemas; for protobuf the decoded body."""
    # The fields of protobuf have no names, and a request of a GET has none.
    if media_type(headers) != "application/json" or not raw:
        return body
    text = raw.decode(errors="replace").lstrip()
    # Numbers are left as texts: only the names count, and Python refuses integers of thousands of digits.
    decoder = json.JSONDecoder(object_pairs_hook=_in_snake_case, parse_int=str, parse_float=str)
    value, _ = decoder.raw_decode(text)
    return value


def _in_snake_case(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {FIELD_NAMES.get(name, name): value for name, value in pairs}
