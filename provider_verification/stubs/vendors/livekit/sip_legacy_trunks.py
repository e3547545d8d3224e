"""LiveKit's deprecated list of trunks of both directions, in the form that older servers had for all trunks."""

from __future__ import annotations

from livekit.protocol.sip import ListSIPTrunkResponse, SIPInboundTrunkInfo, SIPOutboundTrunkInfo, SIPTrunkInfo

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.state import LiveKitState


@stub.operation("ListSIPTrunk")
def list_trunks(state: LiveKitState, request: StubRequest) -> StubResponse:
    """All trunks in the order of their ids. Recorded: the numbers of an inbound trunk are its `outbound_number`."""
    after_id = request.body.get("page", {}).get("after_id", "")
    items = [_legacy_form(trunk) for trunk_id, trunk in sorted(state.trunks.items()) if trunk_id > after_id]
    return ok(protojson.to_twirp_json(ListSIPTrunkResponse(items=items)))


def _legacy_form(trunk: SIPInboundTrunkInfo | SIPOutboundTrunkInfo) -> SIPTrunkInfo:
    legacy = SIPTrunkInfo(sip_trunk_id=trunk.sip_trunk_id, name=trunk.name, metadata=trunk.metadata)
    legacy.outbound_number = trunk.numbers[0] if trunk.numbers else ""
    if isinstance(trunk, SIPInboundTrunkInfo):
        legacy.kind = SIPTrunkInfo.TRUNK_INBOUND
        legacy.inbound_addresses.extend(trunk.allowed_addresses)
        legacy.inbound_numbers.extend(trunk.allowed_numbers)
        legacy.inbound_username, legacy.inbound_password = trunk.auth_username, trunk.auth_password
    else:
        legacy.kind = SIPTrunkInfo.TRUNK_OUTBOUND
        legacy.outbound_address, legacy.transport = trunk.address, trunk.transport
        legacy.outbound_username, legacy.outbound_password = trunk.auth_username, trunk.auth_password
    return legacy
