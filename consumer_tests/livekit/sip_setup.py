"""SIP trunks and dispatch rules."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.interaction import Request, Response
from consumer_tests.livekit import (
    UNKNOWN_TOKEN,
    contract,
    empty_success,
    token_with_grants,
    twirp_error,
    twirp_request,
)
from orchestrator.vendors.errors import AccessDenied, NotFound, RequestRejected
from orchestrator.vendors.livekit.sip_models import (
    CreatedDispatchRule,
    CreatedTrunk,
    DispatchRuleList,
    InboundTrunkList,
    OutboundTrunkList,
)
from orchestrator.vendors.livekit.sip_settings import (
    DispatchRuleSettings,
    InboundTrunkSettings,
    OutboundTrunkSettings,
)

SIP_ADMIN_TOKEN = token_with_grants(sip={"admin": True})
NUMBER, PROVIDER = "+4930111111", "sip.example.org"
MARK = "voicehive-telephony:MUC/main"
CREDENTIALS = {"auth_username": "hotel", "auth_password": "example"}
INBOUND_TRUNK = InboundTrunkSettings(
    name="hotel",
    metadata=MARK,
    numbers=(NUMBER,),
    allowed_addresses=(),
    allowed_numbers=(),
    auth_username="hotel",
    auth_password=SecretStr("example"),
)
OUTBOUND_TRUNK = OutboundTrunkSettings(
    name="hotel",
    metadata=MARK,
    address=PROVIDER,
    transport="SIP_TRANSPORT_TLS",
    numbers=(NUMBER,),
    auth_username="hotel",
    auth_password=SecretStr("example"),
)
DISPATCH_RULE = DispatchRuleSettings(
    name="calls", metadata=MARK, trunk_ids=("ST_in",), room_prefix="call-", agents=("concierge",)
)
INBOUND_TRUNK_BODY = {
    "name": "hotel",
    "metadata": MARK,
    "numbers": [NUMBER],
    "allowed_addresses": [],
    "allowed_numbers": [],
    **CREDENTIALS,
}
OUTBOUND_TRUNK_BODY = {
    "name": "hotel",
    "metadata": MARK,
    "address": PROVIDER,
    "transport": "SIP_TRANSPORT_TLS",
    "numbers": [NUMBER],
    **CREDENTIALS,
}
DISPATCH_RULE_BODY = {
    "name": "calls",
    "metadata": MARK,
    "trunk_ids": ["ST_in"],
    "rule": {"dispatch_rule_individual": {"room_prefix": "call-"}},
    "room_config": {"agents": [{"agent_name": "concierge"}]},
}
OWNED = {"number": NUMBER, "metadata": MARK, "username": "hotel", "password": "example"}
INBOUND_TRUNK_STATE = provider_state("an inbound trunk", id="ST_in", **OWNED)
OUTBOUND_TRUNK_STATE = provider_state(
    "an outbound trunk", id="ST_out", address=PROVIDER, transport="SIP_TRANSPORT_TLS", **OWNED
)
DISPATCH_RULE_STATE = provider_state(
    "a dispatch rule", id="SDR_calls", trunk="ST_in", metadata=MARK, agent="concierge"
)


def setup_request(method: str, body: dict[str, Any]) -> Request:
    """A request to the SIP service."""
    return twirp_request(method, body, "SIP")


contract.add_interaction(
    "an inbound trunk being created",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip_setup.create_inbound_trunk(INBOUND_TRUNK),
    request=setup_request("CreateSIPInboundTrunk", {"trunk": INBOUND_TRUNK_BODY}),
    response=ok(CreatedTrunk, {"sip_trunk_id": "ST_in"}),
)
contract.add_interaction(
    "an inbound trunk being created for a number that is taken",
    credential=SIP_ADMIN_TOKEN,
    given=provider_state("an inbound trunk", id="ST_other", number=NUMBER),
    invoke=lambda livekit: livekit.sip_setup.create_inbound_trunk(INBOUND_TRUNK),
    request=setup_request("CreateSIPInboundTrunk", {"trunk": INBOUND_TRUNK_BODY}),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
contract.add_interaction(
    "the inbound trunks",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip_setup.list_inbound_trunks(),
    request=setup_request("ListSIPInboundTrunk", {}),
    response=ok(InboundTrunkList, {"items": [{"sip_trunk_id": "ST_in", **INBOUND_TRUNK_BODY}]}),
)
contract.add_interaction(
    "the inbound trunks with a token that is none",
    credential=UNKNOWN_TOKEN,
    invoke=lambda livekit: livekit.sip_setup.list_inbound_trunks(),
    request=setup_request("ListSIPInboundTrunk", {}),
    response=Response(401, text_matcher=("invalid authorization token", "^invalid .+")),
    raises=expected_error(AccessDenied, status=401, code=None, messages=()),
)
contract.add_interaction(
    "an inbound trunk being replaced",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip_setup.replace_inbound_trunk("ST_in", INBOUND_TRUNK),
    request=setup_request("UpdateSIPInboundTrunk", {"sip_trunk_id": "ST_in", "replace": INBOUND_TRUNK_BODY}),
    response=empty_success(),
)
contract.add_interaction(
    "an outbound trunk being created",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip_setup.create_outbound_trunk(OUTBOUND_TRUNK),
    request=setup_request("CreateSIPOutboundTrunk", {"trunk": OUTBOUND_TRUNK_BODY}),
    response=ok(CreatedTrunk, {"sip_trunk_id": "ST_out"}),
)
contract.add_interaction(
    "the outbound trunks",
    credential=SIP_ADMIN_TOKEN,
    given=OUTBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip_setup.list_outbound_trunks(),
    request=setup_request("ListSIPOutboundTrunk", {}),
    response=ok(OutboundTrunkList, {"items": [{"sip_trunk_id": "ST_out", **OUTBOUND_TRUNK_BODY}]}),
)
contract.add_interaction(
    "an outbound trunk being replaced",
    credential=SIP_ADMIN_TOKEN,
    given=OUTBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip_setup.replace_outbound_trunk("ST_out", OUTBOUND_TRUNK),
    request=setup_request(
        "UpdateSIPOutboundTrunk", {"sip_trunk_id": "ST_out", "replace": OUTBOUND_TRUNK_BODY}
    ),
    response=empty_success(),
)
contract.add_interaction(
    "a trunk being deleted",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip_setup.delete_trunk("ST_in"),
    request=setup_request("DeleteSIPTrunk", {"sip_trunk_id": "ST_in"}),
    response=empty_success(),
)
contract.add_interaction(
    "a dispatch rule being created",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip_setup.create_dispatch_rule(DISPATCH_RULE),
    request=setup_request("CreateSIPDispatchRule", {"dispatch_rule": DISPATCH_RULE_BODY}),
    response=ok(CreatedDispatchRule, {"sip_dispatch_rule_id": "SDR_calls"}),
)
contract.add_interaction(
    "a dispatch rule being created for a trunk that has one",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip_setup.create_dispatch_rule(DISPATCH_RULE),
    request=setup_request("CreateSIPDispatchRule", {"dispatch_rule": DISPATCH_RULE_BODY}),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
contract.add_interaction(
    "the dispatch rules",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip_setup.list_dispatch_rules(),
    request=setup_request("ListSIPDispatchRule", {}),
    response=ok(DispatchRuleList, {"items": [{"sip_dispatch_rule_id": "SDR_calls", **DISPATCH_RULE_BODY}]}),
)
contract.add_interaction(
    "a dispatch rule being replaced",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip_setup.replace_dispatch_rule("SDR_calls", DISPATCH_RULE),
    request=setup_request(
        "UpdateSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_calls", "replace": DISPATCH_RULE_BODY}
    ),
    response=empty_success(),
)
contract.add_interaction(
    "a dispatch rule being deleted",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip_setup.delete_dispatch_rule("SDR_calls"),
    request=setup_request("DeleteSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_calls"}),
    response=empty_success(),
)
contract.add_interaction(
    "a dispatch rule that does not exist being deleted",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip_setup.delete_dispatch_rule("SDR_gone"),
    request=setup_request("DeleteSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_gone"}),
    response=twirp_error(404, "not_found"),
    raises=expected_error(NotFound, code="not_found"),
)
