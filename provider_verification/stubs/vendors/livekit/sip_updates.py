"""Partial updates of LiveKit's SIP trunks and dispatch rules."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from provider_verification.stubs.vendors.livekit.twirp_errors import TwirpRejection

LIST_FIELDS = {"numbers", "allowed_addresses", "allowed_numbers", "trunk_ids"}
"""Fields that are updated by a `ListUpdate` message: set, add or remove."""


def requested_action(message: Any) -> str:
    """`replace` or `update`.

    Raises:
        TwirpRejection: the request names neither.
    """
    action = message.WhichOneof("action")
    if action is None:
        raise TwirpRejection("missing or unsupported update action")
    return str(action)


def apply_update(target: Message, changes: Message) -> None:
    """Change the fields of `target` that are present in `changes`.

    Raises:
        TwirpRejection: the change of a list is empty, or sets the list and changes it too.
    """
    for field, value in changes.ListFields():
        if field.name in LIST_FIELDS:
            _update_list(getattr(target, field.name), value)
        elif field.is_repeated:
            target.ClearField(field.name)
            target.MergeFrom(type(target)(**{field.name: value}))
        elif field.message_type:
            getattr(target, field.name).CopyFrom(value)
        else:
            setattr(target, field.name, value)
    for name in LIST_FIELDS & set(changes.DESCRIPTOR.fields_by_name):
        if changes.HasField(name) and not getattr(changes, name).ByteSize():
            raise TwirpRejection("unsupported list update operation")


def _update_list(items: Any, change: Any) -> None:
    if change.set and (change.add or change.remove):
        raise TwirpRejection("cannot set and change the list at the same time")
    remaining = list(change.set) or [item for item in items if item not in change.remove]
    del items[:]
    items.extend([*remaining, *(item for item in change.add if item not in remaining)])
