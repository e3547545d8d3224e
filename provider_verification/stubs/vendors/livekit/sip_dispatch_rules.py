"""SIP dispatch rules: which room a call that comes in goes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    ListSIPDispatchRuleResponse,
    SIPDispatchRuleInfo,
    UpdateSIPDispatchRuleRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.sip_trunks import TwirpRejection, apply_update
from provider_verification.stubs.vendors.livekit.state import LiveKitState

DEPRECATED_FIELDS = (
    "rule", "trunk_ids", "hide_phone_number", "inbound_numbers", "name", "metadata", "attributes", "room_preset", "room_config",
)  # fmt: skip


@stub.operation("CreateSIPDispatchRule")
def create_rule(server: LiveKitState, call: StubRequest) -> StubResponse:
    """In the newer form under `dispatch_rule`, in the older at the top."""
    request = protojson.from_dict(call.body, CreateSIPDispatchRuleRequest())
    newer = request.HasField("dispatch_rule")
    made = SIPDispatchRuleInfo()
    if newer:
        made.CopyFrom(request.dispatch_rule)
        made.media.SetInParent()
    else:
        _copy_old(request, made)
    try:
        _check(made)
        _check_conflicts(made, server.sip_dispatch_rules.values())
    except TwirpRejection as refused:
        return refused.answer
    made.sip_dispatch_rule_id = server.new_id("SDR")
    server.sip_dispatch_rules[made.sip_dispatch_rule_id] = made
    return ok(protojson.to_twirp_json(made))


@stub.operation("ListSIPDispatchRule")
def list_rules(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Those of the ids, or for a trunk; a rule without trunks is for all of them."""
    identifiers, after = call.body.get("dispatch_rule_ids"), call.body.get("page", {}).get("after_id", "")
    trunks = set(call.body.get("trunk_ids", ()))
    found = [
        rule
        for identifier, rule in sorted(server.sip_dispatch_rules.items())
        if (not identifiers or identifier in identifiers)
        and identifier > after
        and (not trunks or not rule.trunk_ids or trunks & set(rule.trunk_ids))
    ]
    return ok(protojson.to_twirp_json(ListSIPDispatchRuleResponse(items=found)))


@stub.operation("UpdateSIPDispatchRule")
def update_rule(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Replace it, or change fields."""
    request = protojson.from_dict(call.body, UpdateSIPDispatchRuleRequest())
    if not request.sip_dispatch_rule_id:
        return twirp_error("invalid_argument", "rule id must be set")
    action = request.WhichOneof("action")
    if action is None:
        return twirp_error("invalid_argument", "missing or unsupported update action")
    found = server.sip_dispatch_rules.get(request.sip_dispatch_rule_id)
    new = SIPDispatchRuleInfo()
    try:
        if action == "replace":
            _check(request.replace, new=False)
            new.CopyFrom(request.replace)
        elif found is not None:
            new.CopyFrom(found)
            apply_update(new, request.update)
            new.media.SetInParent()
    except TwirpRejection as refused:
        return refused.answer
    if found is None:
        return _no_rule()
    new.sip_dispatch_rule_id = found.sip_dispatch_rule_id
    server.sip_dispatch_rules[new.sip_dispatch_rule_id] = new
    return ok(protojson.to_twirp_json(new))


@stub.operation("DeleteSIPDispatchRule")
def delete_rule(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Gives it once more."""
    identifier = call.body.get("sip_dispatch_rule_id")
    if not identifier:
        return twirp_error("invalid_argument", "dispatch rule ID is required")
    found = server.sip_dispatch_rules.pop(identifier, None)
    return ok(protojson.to_twirp_json(found)) if found else _no_rule()


def _no_rule() -> StubResponse:
    return twirp_error("not_found", "requested sip dispatch rule does not exist")


def _copy_old(request: Any, made: SIPDispatchRuleInfo) -> None:
    for field, value in request.ListFields():
        if field.name in DEPRECATED_FIELDS:
            made.MergeFrom(SIPDispatchRuleInfo(**{field.name: value}))


def _check(rule: SIPDispatchRuleInfo, *, new: bool = True) -> None:
    if new and rule.sip_dispatch_rule_id:
        raise TwirpRejection("rule id must not be set")
    if not rule.HasField("rule"):
        raise TwirpRejection("missing rule")
    if rule.rule.WhichOneof("rule") is None:
        raise TwirpRejection("twirp error unknown: unsupported SIP Dispatch Rule: <nil>")


def _check_conflicts(new: SIPDispatchRuleInfo, others: Iterable[SIPDispatchRuleInfo]) -> None:
    for other in others:
        if _claims(new) & _claims(other):
            raise TwirpRejection(
                "Dispatch rule for the same trunk, inbound number, number, and PIN combination already exists in "
                f'dispatch rule "{other.sip_dispatch_rule_id}" "{other.name}"'
            )


def _claims(rule: SIPDispatchRuleInfo) -> set[tuple[str, str, str]]:
    """Trunk, number and PIN, of which a call has one each."""
    kind = rule.rule.WhichOneof("rule") or ""
    pin = getattr(getattr(rule.rule, kind), "pin", "") if kind else ""
    return {
        (trunk, number, pin) for trunk in rule.trunk_ids or ("",) for number in rule.inbound_numbers or ("",)
    }
