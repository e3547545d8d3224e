"""What `make stubs` starts with at LiveKit: an egress worker, and a SIP service with trunks and a dispatch rule."""

from __future__ import annotations

from provider_verification.stubs.vendors.livekit import stub
from provider_verification.stubs.vendors.livekit.provider_states import (
    a_dispatch_rule,
    inbound_trunk,
    outbound_trunk,
)
from provider_verification.stubs.vendors.livekit.state import LiveKitState

INBOUND_TRUNK_ID, OUTBOUND_TRUNK_ID, DISPATCH_RULE_ID = "ST_stubinbound", "ST_stuboutbound", "SDR_stubcalls"
HOTEL_NUMBER = "+498912345"


@stub.world
def furnish(state: LiveKitState) -> None:
    """Run the workers and set up the hotel's telephony; `no egress worker`, `a SIP peer` and `no telephony` take them away."""
    state.egress_worker = True
    inbound_trunk(state, INBOUND_TRUNK_ID, HOTEL_NUMBER)
    outbound_trunk(state, OUTBOUND_TRUNK_ID, HOTEL_NUMBER)
    a_dispatch_rule(state, DISPATCH_RULE_ID, INBOUND_TRUNK_ID)


@stub.provider_state("no egress worker")
def no_egress_worker(state: LiveKitState) -> None:
    """No egress worker runs, so recordings cannot be started."""
    state.egress_worker = False


@stub.provider_state("no telephony")
def no_telephony(state: LiveKitState) -> None:
    """There is no trunk and no dispatch rule."""
    state.trunks.clear()
    state.sip_dispatch_rules.clear()
