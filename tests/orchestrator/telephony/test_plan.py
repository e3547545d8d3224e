"""The plan of a hotel's telephony: a pure function over what should be and what is."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from orchestrator.telephony.setup.desired import SipSettings, desired_settings
from orchestrator.telephony.setup.hotel_file import parse_hotel_file
from orchestrator.telephony.setup.output import plan_table
from orchestrator.telephony.setup.plan import Action, Existing, Plan, plan_changes
from orchestrator.vendors.livekit.sip_settings import DispatchRuleSettings, InboundTrunkSettings

FILE = """
hotel = "MUC"

[[inbound_trunks]]
name = "reception"
numbers = ["+4989111111", "+4989222222"]

[[inbound_trunks]]
name = "spa"
numbers = ["+4989333333"]

[[outbound_trunks]]
name = "provider"
address = "sip.example.org"
numbers = ["+4989111111"]
auth_username = "muc"
auth_password_env = "PASSWORD"

[[dispatch_rules]]
name = "calls"
inbound_trunks = ["spa", "reception"]
agents = ["concierge"]
"""
IDS = ("ST_1", "ST_2", "ST_3", "SDR_1")


def desired(text: str = FILE) -> list[SipSettings]:
    """Return the settings of a file."""
    environment = {"PASSWORD": "secret"}
    return desired_settings(parse_hotel_file(tomllib.loads(text), environment), environment)


def existing(settings: list[SipSettings]) -> list[Existing]:
    """Return LiveKit's objects after a file was applied: rules have the ids of their trunks."""
    return [
        Existing(
            identifier, replace(item, trunk_ids=IDS[:2]) if isinstance(item, DispatchRuleSettings) else item
        )
        for identifier, item in zip(IDS, settings, strict=False)
    ]


def changed(item: Existing, **changes: Any) -> Existing:
    """Return an object with some other settings."""
    settings: Any = item.settings
    return Existing(item.id, replace(settings, **changes))


def actions(plan: Plan) -> list[tuple[str, str, str | None]]:
    """Return action, name and id of all changes."""
    return [(change.action.value, change.name, change.id) for change in plan.changes]


def test_first_plan_creates_trunks_before_their_rule() -> None:
    """LiveKit needs the ids of the trunks."""
    plan = plan_changes("MUC", desired(), [])

    assert actions(plan) == [
        ("create", "reception", None),
        ("create", "spa", None),
        ("create", "provider", None),
        ("create", "calls", None),
    ]
    assert (plan.pending, plan.trunk_ids) == (plan.changes, {})


def test_applied_file_is_unchanged_whatever_the_order_of_lists() -> None:
    """The order of numbers, trunks and agents has no meaning."""
    numbers = '["+4989111111", "+4989222222"]'
    reordered = FILE.replace(numbers, '["+4989222222", "+4989111111"]').replace(
        '"spa", "reception"', '"reception", "spa"'
    )

    plan = plan_changes("MUC", desired(reordered), existing(desired()))

    assert {change.action for change in plan.changes} == {Action.UNCHANGED}
    assert (plan.pending, plan.trunk_ids) == ((), {"reception": "ST_1", "spa": "ST_2"})


def test_only_fields_that_differ_are_shown() -> None:
    """A password is compared, but not shown."""
    current = existing(desired())
    current[2] = changed(current[2], auth_password=SecretStr("old"), address="old.example")

    plan = plan_changes("MUC", desired(), current)

    [change] = plan.pending
    assert [difference.field for difference in change.differences] == ["address", "auth_password"]
    lines = list(plan_table(plan))
    assert "               address: old.example -> sip.example.org" in lines
    assert "               auth_password: changed" in lines
    assert not any("secret" in line for line in lines)


def test_repeated_number_of_the_file_is_sent_once() -> None:
    """Otherwise the next plan would depend on what LiveKit does with it."""
    trunk = desired(FILE.replace('["+4989333333"]', '["+4989333333", "+4989333333"]'))[1]

    assert isinstance(trunk, InboundTrunkSettings)
    assert trunk.numbers == ("+4989333333",)


def test_rule_that_chooses_rooms_in_another_way_is_updated() -> None:
    """Somebody has changed the rule by hand."""
    current = existing(desired())
    current[3] = changed(current[3], room_prefix=None, agents=())

    [change] = plan_changes("MUC", desired(), current).pending

    assert [(difference.field, difference.new) for difference in change.differences] == [
        ("room_prefix", "call-"),
        ("agents", ("concierge",)),
    ]


def test_number_is_given_up_before_another_trunk_takes_it() -> None:
    """LiveKit rejects a new trunk whose number another one has."""
    renamed = FILE.replace('"spa"', '"pool"').replace(', "+4989222222"', "")
    renamed = renamed.replace('"+4989333333"', '"+4989333333", "+4989222222"')

    plan = plan_changes("MUC", desired(renamed), existing(desired()))

    assert [(change.action.value, change.name) for change in plan.pending] == [
        ("delete", "spa"),
        ("update", "reception"),
        ("create", "pool"),
        ("update", "calls"),
    ]
    assert plan.conflicts == ()


def test_second_object_with_the_same_mark_is_deleted() -> None:
    """Two processes that create an outbound trunk at the same time leave two."""
    current = existing(desired())

    plan = plan_changes("MUC", desired(), [*current, Existing("ST_9", current[2].settings)])

    assert [(change.action.value, change.id) for change in plan.pending] == [("delete", "ST_9")]


def test_objects_of_others_are_neither_deleted_nor_counted() -> None:
    """A hotel whose name starts alike is another hotel."""
    others = [
        changed(item, metadata=item.settings.metadata.replace("MUC", "MUC2")) for item in existing(desired())
    ]

    plan = plan_changes("MUC", [], others)

    assert (plan.changes, plan.conflicts) == ((), ())


def test_conflict_of_a_number_depends_on_the_callers() -> None:
    """A trunk for some callers may stand beside the hotel's trunk for all; numbers are compared by their digits."""
    trunk = existing(desired())[0].settings
    assert isinstance(trunk, InboundTrunkSettings)
    foreign = replace(trunk, metadata="", numbers=("+49 89 111-111",))

    conflict = plan_changes("MUC", desired(), [Existing("ST_9", foreign)]).conflicts
    none = plan_changes(
        "MUC", desired(), [Existing("ST_9", replace(foreign, allowed_numbers=("+1",)))]
    ).conflicts

    assert [text.partition(" (")[0] for text in conflict] == [
        "inbound trunk reception: calls to +4989111111 go to inbound trunk ST_9"
    ]
    assert none == ()


def test_foreign_rule_for_another_trunk_is_no_conflict() -> None:
    """Only rules for the hotel's trunks are in the way."""
    rule = replace(existing(desired())[3].settings, metadata="")
    assert isinstance(rule, DispatchRuleSettings)
    current = existing(desired())

    in_the_way = plan_changes(
        "MUC", desired(), [*current, Existing("SDR_9", replace(rule, trunk_ids=("ST_2",)))]
    )
    elsewhere = plan_changes(
        "MUC", desired(), [*current, Existing("SDR_9", replace(rule, trunk_ids=("ST_8",)))]
    )

    assert [text.partition(" (")[0] for text in in_the_way.conflicts] == [
        "inbound trunk spa: its calls go to dispatch rule SDR_9"
    ]
    assert elsewhere.conflicts == ()
