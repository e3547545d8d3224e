"""Which changes make LiveKit's trunks and dispatch rules those of a hotel's file: a pure function over plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from orchestrator.telephony.setup.desired import SipSettings
from orchestrator.telephony.setup.numbers import shared_numbers
from orchestrator.telephony.setup.ownership import owned_name
from orchestrator.vendors.livekit.sip_settings import DispatchRuleSettings, InboundTrunkSettings

KINDS = {
    "InboundTrunkSettings": "inbound trunk",
    "OutboundTrunkSettings": "outbound trunk",
    "DispatchRuleSettings": "dispatch rule",
}


class Action(StrEnum):
    """What happens to an object at LiveKit."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    DELETE = "delete"


ORDER = (
    (Action.DELETE, True),
    (Action.DELETE, False),
    (Action.UNCHANGED, False),
    (Action.UPDATE, False),
    (Action.CREATE, False),
    (Action.UNCHANGED, True),
    (Action.UPDATE, True),
    (Action.CREATE, True),
)
"""Actions, and whether they are on a rule: numbers and trunks are given up before others take them, and a rule needs its trunks."""


@dataclass(frozen=True, slots=True)
class Existing:
    """An object at LiveKit."""

    id: str
    settings: SipSettings


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that has another value than the file says."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one object.

    Attributes:
        name: its name in the file.
        settings: those that it will have; of a deletion, those that it had.
        id: LiveKit's id; None before it is created.
    """

    action: Action
    name: str
    settings: SipSettings
    id: str | None = None
    differences: tuple[Difference, ...] = ()

    @property
    def kind(self) -> str:
        """Return `inbound trunk`, `outbound trunk` or `dispatch rule`."""
        return kind_of(self.settings)


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes in an order in which they can be made, and the conflicts because of which they cannot be made."""

    changes: tuple[Change, ...]
    conflicts: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[Change, ...]:
        """Return the changes without the objects that stay as they are."""
        return tuple(change for change in self.changes if change.action is not Action.UNCHANGED)

    @property
    def trunk_ids(self) -> dict[str, str]:
        """Return the ids of the inbound trunks that exist and stay, by their names in the file."""
        return {
            change.name: change.id
            for change in self.changes
            if isinstance(change.settings, InboundTrunkSettings)
            and change.id
            and change.action is not Action.DELETE
        }


def kind_of(settings: SipSettings) -> str:
    """Return `inbound trunk`, `outbound trunk` or `dispatch rule`."""
    return KINDS[type(settings).__name__]


def plan_changes(hotel: str, desired: Iterable[SipSettings], existing: Iterable[Existing]) -> Plan:
    """Return the changes to the objects of a hotel; those without a mark or with that of another hotel are not touched.

    Args:
        hotel: whose objects are changed.
        desired: the settings that they should have, from `desired_settings`; nothing removes all.
        existing: everything at LiveKit, with the objects that were created elsewhere.
    """
    owned, foreign = _split(hotel, existing)
    trunk_names = {item.id: name for (kind, name), [item, *_] in owned.items() if kind == "inbound trunk"}
    changes: list[Change] = []
    for settings in desired:
        name = owned_name(hotel, settings.metadata) or ""
        current = owned.pop((kind_of(settings), name), [])
        changes.append(_change(name, settings, current[:1], trunk_names))
        # two processes that create an outbound trunk at once leave two
        changes += [Change(Action.DELETE, name, item.settings, item.id) for item in current[1:]]
    changes += [
        Change(Action.DELETE, name, item.settings, item.id)
        for (_, name), items in owned.items()
        for item in items
    ]
    conflicts = tuple(_conflicts(changes, foreign))
    return Plan(tuple(sorted(changes, key=_position)), conflicts)


def _split(
    hotel: str, existing: Iterable[Existing]
) -> tuple[dict[tuple[str, str], list[Existing]], list[Existing]]:
    """Return the hotel's objects by kind and name, and all others."""
    owned: dict[tuple[str, str], list[Existing]] = {}
    foreign = []
    for item in sorted(existing, key=lambda item: item.id):
        name = owned_name(hotel, item.settings.metadata)
        if name is None:
            foreign.append(item)
        else:
            owned.setdefault((kind_of(item.settings), name), []).append(item)
    return owned, foreign


def _change(
    name: str, settings: SipSettings, current: Sequence[Existing], trunk_names: dict[str, str]
) -> Change:
    if not current:
        return Change(Action.CREATE, name, settings)
    [item] = current
    differences = tuple(_differences(_with_trunk_names(item.settings, trunk_names), settings))
    action = Action.UPDATE if differences else Action.UNCHANGED
    return Change(action, name, settings, item.id, differences)


def _with_trunk_names(settings: SipSettings, trunk_names: dict[str, str]) -> SipSettings:
    if not isinstance(settings, DispatchRuleSettings):
        return settings
    return replace(
        settings, trunk_ids=tuple(sorted(trunk_names.get(trunk, trunk) for trunk in settings.trunk_ids))
    )


def _differences(old: SipSettings, new: SipSettings) -> Iterator[Difference]:
    for field in fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield Difference(field.name, before, after)


def _position(change: Change) -> int:
    return ORDER.index((change.action, isinstance(change.settings, DispatchRuleSettings)))


def _conflicts(changes: Iterable[Change], foreign: Iterable[Existing]) -> Iterator[str]:
    """Yield what is in the way. LiveKit itself checks new objects only, not those that are replaced."""
    trunks = [
        (change, change.settings)
        for change in changes
        if change.action is not Action.DELETE and isinstance(change.settings, InboundTrunkSettings)
    ]
    for item in foreign:
        for change, trunk in trunks:
            if isinstance(item.settings, InboundTrunkSettings):
                for number in shared_numbers(trunk, item.settings):
                    yield _conflict(f"inbound trunk {change.name}: calls to {number}", item)
            if isinstance(item.settings, DispatchRuleSettings) and change.id in item.settings.trunk_ids:
                yield _conflict(f"inbound trunk {change.name}: its calls", item)


def _conflict(calls: str, item: Existing) -> str:
    return (
        f"{calls} go to {kind_of(item.settings)} {item.id} ({item.settings.name!r}), which this file did not create: "
        "change or delete it where it was created, or change the file"
    )
