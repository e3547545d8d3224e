"""LiveKit's SIP service: dispatch rules, which choose the room of an incoming call."""

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
from provider_verification.stubs.vendors.livekit.sip_headers import normalize_number
from provider_verification.stubs.vendors.livekit.sip_updates import (
    apply_update,
    check_list_changes,
    requested_action,
)
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    TwirpRejection,
    go_quote,
    respond_to_rejections,
)

DEPRECATED_FIELDS = (
    "rule", "trunk_ids", "hide_phone_number", "inbound_numbers", "name", "metadata", "attributes", "room_preset", "room_config",
)  # fmt: skip
"""Fields of `CreateSIPDispatchRuleRequest` that older clients send instead of `dispatch_rule`."""


@stub.operation("CreateSIPDispatchRule")
@respond_to_rejections
def create_rule(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Create a dispatch rule, from `dispatch_rule` or from the deprecated fields at the top level."""
    message = protojson.from_dict(request.body, CreateSIPDispatchRuleRequest())
    rule = SIPDispatchRuleInfo()
    # Recorded: only a rule in the newer form is returned with a media object.
    if message.HasField("dispatch_rule"):
        rule.CopyFrom(message.dispatch_rule)
        rule.media.SetInParent()
    else:
        _copy_deprecated_fields(message, rule)
    if rule.sip_dispatch_rule_id:
        raise TwirpRejection("rule id must not be set")
    _check(rule)
    _check_conflicts(rule, state.sip_dispatch_rules.values())
    rule.sip_dispatch_rule_id = state.new_id("SDR")
    state.sip_dispatch_rules[rule.sip_dispatch_rule_id] = rule
    return ok(protojson.to_twirp_json(rule))


@stub.operation("ListSIPDispatchRule")
def list_rules(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Dispatch rules, filtered by id and trunk; a rule without trunks belongs to every trunk."""
    rule_ids, after_id = (
        request.body.get("dispatch_rule_ids"),
        request.body.get("page", {}).get("after_id", ""),
    )
    trunk_ids = set(request.body.get("trunk_ids", ()))
    items = [
        rule
        for rule_id, rule in sorted(state.sip_dispatch_rules.items())
        if (not rule_ids or rule_id in rule_ids)
        and rule_id > after_id
        and (not trunk_ids or not rule.trunk_ids or trunk_ids & set(rule.trunk_ids))
    ]
    return ok(protojson.to_twirp_json(ListSIPDispatchRuleResponse(items=items)))


@stub.operation("UpdateSIPDispatchRule")
@respond_to_rejections
def update_rule(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Replace a dispatch rule or change some of its fields."""
    message = protojson.from_dict(request.body, UpdateSIPDispatchRuleRequest())
    if not message.sip_dispatch_rule_id:
        raise TwirpRejection("rule id must be set")
    updated = SIPDispatchRuleInfo()
    if requested_action(message) == "replace":
        if message.replace.sip_dispatch_rule_id not in {"", message.sip_dispatch_rule_id}:
            raise TwirpRejection("rule id in the info must be empty or match the id in the update")
        if not message.replace.HasField("rule"):
            raise TwirpRejection("missing rule")
        _find(state, message.sip_dispatch_rule_id)
        updated.CopyFrom(message.replace)
    else:
        check_list_changes(message.update)
        updated.CopyFrom(_find(state, message.sip_dispatch_rule_id))
        apply_update(updated, message.update)
        updated.media.SetInParent()
    updated.sip_dispatch_rule_id = message.sip_dispatch_rule_id
    state.sip_dispatch_rules[updated.sip_dispatch_rule_id] = updated
    return ok(protojson.to_twirp_json(updated))


@stub.operation("DeleteSIPDispatchRule")
@respond_to_rejections
def delete_rule(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Delete a dispatch rule and return it."""
    rule_id = request.body.get("sip_dispatch_rule_id")
    if not rule_id:
        raise TwirpRejection("dispatch rule ID is required")
    rule = _find(state, rule_id)
    del state.sip_dispatch_rules[rule_id]
    return ok(protojson.to_twirp_json(rule))


def _find(state: LiveKitState, rule_id: str) -> SIPDispatchRuleInfo:
    if rule_id not in state.sip_dispatch_rules:
        raise TwirpRejection("requested sip dispatch rule does not exist", "not_found")
    return state.sip_dispatch_rules[rule_id]


def _copy_deprecated_fields(message: Any, rule: SIPDispatchRuleInfo) -> None:
    for field, value in message.ListFields():
        if field.name in DEPRECATED_FIELDS:
            rule.MergeFrom(SIPDispatchRuleInfo(**{field.name: value}))


def _check(rule: SIPDispatchRuleInfo) -> None:
    if not rule.HasField("rule"):
        raise TwirpRejection("missing rule")
    if rule.rule.WhichOneof("rule") is None:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}unsupported SIP Dispatch Rule: <nil>")


def _check_conflicts(new: SIPDispatchRuleInfo, others: Iterable[SIPDispatchRuleInfo]) -> None:
    for other in others:
        if _matched_calls(new) & _matched_calls(other):
            # Recorded: mostly the new rule, which has no id yet, is named as the one that exists.
            name = go_quote(new.name or "<blank name>")
            raise TwirpRejection(
                "Dispatch rule for the same trunk, inbound number, number, and PIN combination already exists in "
                f'dispatch rule "<new>" {name}',
                depends_on_state=True,
            )


def _matched_calls(rule: SIPDispatchRuleInfo) -> set[tuple[str, str, str, str]]:
    """Trunk, numbers and PIN of the calls a rule matches; an empty text stands for any."""
    kind = rule.rule.WhichOneof("rule") or ""
    pin = getattr(getattr(rule.rule, kind), "pin", "") if kind else ""
    return {
        (trunk_id, normalize_number(inbound_number), normalize_number(number), pin)
        for trunk_id in rule.trunk_ids or ("",)
        for inbound_number in rule.inbound_numbers or ("",)
        for number in rule.numbers or ("",)
    }
