"""Partial updates of LiveKit's SIP trunks and dispatch rules. Source: `livekit/protocol`, `livekit/types.go`."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from provider_verification.stubs.vendors.livekit.twirp_errors import TwirpRejection

LIST_FIELDS = ("numbers", "allowed_addresses", "allowed_numbers", "trunk_ids")
"""Fields that are updated by a `ListUpdate` message, in the order of the server's checks."""


def requested_action(message: Any) -> str:
    """`replace` or `update`.

    Raises:
        TwirpRejection: the request names neither.
    """
    action = message.WhichOneof("action")
    if action is None:
        raise TwirpRejection("missing or unsupported update action")
    return str(action)


def check_list_changes(changes: Message) -> None:
    """Check the changes of lists, before the object is looked up.

    Raises:
        TwirpRejection: a change is empty, contradicts itself, or names an empty element.
    """
    for name in LIST_FIELDS:
        if name in changes.DESCRIPTOR.fields_by_name and changes.HasField(name):
            _check_list_change(getattr(changes, name))


def _check_list_change(change: Any) -> None:
    elements = [*change.set, *change.add, *change.remove]
    if not change.clear and not elements:
        raise TwirpRejection("unsupported list update operation")
    if change.clear and elements:
        raise TwirpRejection("cannot clear and change the list at the same time")
    if change.set and (change.add or change.remove):
        raise TwirpRejection("cannot set and change the list at the same time")
    if "" in elements:
        raise TwirpRejection("empty element in the list")


def apply_update(target: Message, changes: Message) -> None:
    """Change the fields of `target` that are present in `changes`, whose lists are checked."""
    for field, value in changes.ListFields():
        if field.name in LIST_FIELDS:
            _update_list(getattr(target, field.name), value)
        elif field.is_repeated:
            _update_map(getattr(target, field.name), value)
        elif field.message_type:
            getattr(target, field.name).CopyFrom(value)
        else:
            setattr(target, field.name, value)


def _update_list(items: Any, change: Any) -> None:
    updated = [] if change.clear else list(change.set or items)
    for item in change.remove:
        if item in updated:
            updated.remove(item)
    updated += [item for item in dict.fromkeys(change.add) if item not in updated]
    del items[:]
    items.extend(updated)


def _update_map(entries: Any, changes: Any) -> None:
    """Set the entries; an empty text deletes one."""
    for name, value in changes.items():
        if value:
            entries[name] = value
        else:
            entries.pop(name, None)
