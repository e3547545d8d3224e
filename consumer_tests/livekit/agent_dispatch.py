"""Agents that are dispatched to rooms."""

from __future__ import annotations

from consumer_tests.contract import ok, provider_state
from consumer_tests.livekit import contract, empty_success, room_admin_token, twirp_request
from orchestrator.vendors.livekit.models import DispatchList

ROOM_ADMIN_TOKEN = room_admin_token("call-1")
SERVICE = "AgentDispatchService"
DISPATCHED_AGENT_STATE = provider_state(
    "an agent in a room", room="call-1", id="AD_example", agent="concierge"
)

contract.add_interaction(
    "an agent being sent into a room",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.agents.create_dispatch("call-1", "concierge"),
    request=twirp_request("CreateDispatch", {"room": "call-1", "agent_name": "concierge"}, SERVICE),
    response=empty_success(),
)
contract.add_interaction(
    "the agents of a room",
    credential=ROOM_ADMIN_TOKEN,
    given=DISPATCHED_AGENT_STATE,
    invoke=lambda livekit: livekit.agents.list_dispatches("call-1"),
    request=twirp_request("ListDispatch", {"room": "call-1"}, SERVICE),
    response=ok(DispatchList, {"agent_dispatches": [{"id": "AD_example", "agent_name": "concierge"}]}),
)
contract.add_interaction(
    "an agent being called back",
    credential=ROOM_ADMIN_TOKEN,
    given=DISPATCHED_AGENT_STATE,
    invoke=lambda livekit: livekit.agents.delete_dispatch("call-1", "AD_example"),
    request=twirp_request("DeleteDispatch", {"room": "call-1", "dispatch_id": "AD_example"}, SERVICE),
    response=empty_success(),
)
