"""Rooms, of which each call has one."""

from __future__ import annotations

from consumer_tests.contract import expected_error, provider_state
from consumer_tests.interaction import Response
from consumer_tests.livekit import (
    UNKNOWN_TOKEN,
    contract,
    empty_success,
    token_with_grants,
    twirp_error,
    twirp_request,
)
from orchestrator.vendors.errors import AccessDenied, NotFound, RateLimited, VendorUnavailable

ROOM_CREATE_TOKEN = token_with_grants(video={"roomCreate": True})
CREATE_ROOM = twirp_request(
    "CreateRoom", {"name": "call-1", "metadata": "hotel=MUC", "agents": [{"agent_name": "concierge"}]}
)


contract.add_interaction(
    "a room being created with an agent",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.create_room("call-1", metadata="hotel=MUC", agent="concierge"),
    request=CREATE_ROOM,
    response=empty_success(),
)
contract.add_interaction(
    "a room being created that exists",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("a room", name="call-1", metadata="first"),
    invoke=lambda livekit: livekit.create_room("call-1", metadata="hotel=MUC", agent="concierge"),
    request=CREATE_ROOM,
    response=empty_success(),
)
contract.add_interaction(
    "a room being created with a token that is none",
    credential=UNKNOWN_TOKEN,
    invoke=lambda livekit: livekit.create_room("call-1", metadata="hotel=MUC", agent="concierge"),
    request=CREATE_ROOM,
    response=Response(401, text_matcher=("invalid authorization token", "^invalid .+")),
    raises=expected_error(AccessDenied, status=401, code=None, messages=()),
)
contract.add_interaction(
    "a room being created while LiveKit is down",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("LiveKit is down", status=503, code="unavailable"),
    invoke=lambda livekit: livekit.create_room("call-1", metadata="hotel=MUC", agent="concierge"),
    request=CREATE_ROOM,
    response=twirp_error(503, "unavailable"),
    raises=expected_error(VendorUnavailable, status=503, code="unavailable"),
)
contract.add_interaction(
    "a room being created while a proxy before LiveKit limits the rate",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("a proxy limits the rate", retry_after=3),
    invoke=lambda livekit: livekit.create_room("call-1", metadata="hotel=MUC", agent="concierge"),
    request=CREATE_ROOM,
    response=Response(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=3.0),
)
contract.add_interaction(
    "a room being deleted",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.delete_room("call-1"),
    request=twirp_request("DeleteRoom", {"room": "call-1"}),
    response=empty_success(),
)
contract.add_interaction(
    "a room that does not exist being deleted",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.delete_room("call-1"),
    request=twirp_request("DeleteRoom", {"room": "call-1"}),
    response=twirp_error(404, "not_found"),
    raises=expected_error(NotFound, code="not_found"),
)
