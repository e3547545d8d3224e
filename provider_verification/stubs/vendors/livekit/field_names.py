"""The names of the fields of LiveKit's messages: JSON has two spellings of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from livekit.protocol import agent_dispatch, egress, ingress, models, room, sip


def _camel_case_names(modules: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for module in modules:
        messages = list(module.DESCRIPTOR.message_types_by_name.values())
        while messages:
            message = messages.pop()
            messages += message.nested_types
            yield from ((field.json_name, field.name) for field in message.fields)


FIELD_NAMES = dict(_camel_case_names((agent_dispatch, egress, ingress, models, room, sip)))
"""The snake_case name of every field of LiveKit's messages, by its lowerCamelCase name."""
