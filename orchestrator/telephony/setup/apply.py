"""Reads trunks and dispatch rules from LiveKit, and makes the changes of a plan one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from orchestrator.telephony.setup.plan import Action, Change, Existing, Plan
from orchestrator.vendors.errors import NotFound, VendorError
from orchestrator.vendors.livekit.sip_settings import (
    DispatchRuleSettings,
    InboundTrunkSettings,
    OutboundTrunkSettings,
)
from orchestrator.vendors.livekit.sip_setup import SipSetupClient


class IncompleteApplyError(Exception):
    """A change failed; those before it are made, and the next plan contains the rest.

    Attributes:
        change: the change that failed.
        made: how many changes were made before it.
        error: why it failed.
    """

    def __init__(self, change: Change, made: int, error: VendorError) -> None:
        self.change, self.made, self.error = change, made, error
        super().__init__(str(error))


async def read_existing(client: SipSetupClient) -> list[Existing]:
    """Return everything at LiveKit, with the objects that were created elsewhere.

    Raises:
        VendorError: LiveKit cannot be read.
    """
    inbound = await client.list_inbound_trunks()
    outbound = await client.list_outbound_trunks()
    rules = await client.list_dispatch_rules()
    return [
        *(Existing(trunk.sip_trunk_id, trunk.settings()) for trunk in inbound.items),
        *(Existing(trunk.sip_trunk_id, trunk.settings()) for trunk in outbound.items),
        *(Existing(rule.sip_dispatch_rule_id, rule.settings()) for rule in rules.items),
    ]


async def apply_plan(client: SipSetupClient, plan: Plan, report: Callable[[Change], None]) -> None:
    """Make the changes of a plan, and report each with its id as soon as it is made.

    Raises:
        IncompleteApplyError: a change failed. LiveKit has no transactions, so those before it stay.
    """
    trunk_ids = plan.trunk_ids
    for made, change in enumerate(plan.pending):
        try:
            identifier = await _make(client, change, trunk_ids)
        except VendorError as error:
            raise IncompleteApplyError(change, made, error) from error
        if isinstance(change.settings, InboundTrunkSettings):
            trunk_ids[change.name] = identifier
        report(replace(change, id=identifier))


async def _make(client: SipSetupClient, change: Change, trunk_ids: dict[str, str]) -> str:
    """Make a change, and return the id of the object."""
    if change.id is None:
        return await _create(client, change, trunk_ids)
    if change.action is Action.DELETE:
        await _delete(client, change, change.id)
    else:
        await _replace(client, change, change.id, trunk_ids)
    return change.id


async def _create(client: SipSetupClient, change: Change, trunk_ids: dict[str, str]) -> str:
    match change.settings:
        case InboundTrunkSettings() as trunk:
            return (await client.create_inbound_trunk(trunk)).sip_trunk_id
        case OutboundTrunkSettings() as trunk:
            return (await client.create_outbound_trunk(trunk)).sip_trunk_id
        case rule:
            return (await client.create_dispatch_rule(_with_ids(rule, trunk_ids))).sip_dispatch_rule_id


async def _replace(
    client: SipSetupClient, change: Change, identifier: str, trunk_ids: dict[str, str]
) -> None:
    match change.settings:
        case InboundTrunkSettings() as trunk:
            await client.replace_inbound_trunk(identifier, trunk)
        case OutboundTrunkSettings() as trunk:
            await client.replace_outbound_trunk(identifier, trunk)
        case rule:
            await client.replace_dispatch_rule(identifier, _with_ids(rule, trunk_ids))


async def _delete(client: SipSetupClient, change: Change, identifier: str) -> None:
    if not isinstance(change.settings, DispatchRuleSettings):
        await client.delete_trunk(identifier)
        return
    try:
        await client.delete_dispatch_rule(identifier)
    except NotFound:
        # someone else has deleted it since the plan
        return


def _with_ids(rule: DispatchRuleSettings, trunk_ids: dict[str, str]) -> DispatchRuleSettings:
    return replace(rule, trunk_ids=tuple(trunk_ids[name] for name in rule.trunk_ids))
