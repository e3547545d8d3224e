"""LiveKit's SIP service: inbound and outbound trunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from google.protobuf.message import Message
from livekit.protocol.sip import (
    CreateSIPInboundTrunkRequest,
    CreateSIPOutboundTrunkRequest,
    GetSIPInboundTrunkResponse,
    GetSIPOutboundTrunkResponse,
    ListSIPInboundTrunkResponse,
    ListSIPOutboundTrunkResponse,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
    SIPTrunkInfo,
    UpdateSIPInboundTrunkRequest,
    UpdateSIPOutboundTrunkRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.sip_headers import normalize_number
from provider_verification.stubs.vendors.livekit.sip_updates import (
    apply_update,
    check_list_changes,
    requested_action,
)
from provider_verification.stubs.vendors.livekit.sip_validation import check_conflicts, check_trunk
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    TwirpRejection,
    respond_to_rejections,
)


@stub.operation("CreateSIPInboundTrunk")
@respond_to_rejections
def create_inbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Create a trunk for incoming calls."""
    return _create(state, protojson.from_dict(request.body, CreateSIPInboundTrunkRequest()))


@stub.operation("CreateSIPOutboundTrunk")
@respond_to_rejections
def create_outbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Create a trunk for outgoing calls."""
    return _create(state, protojson.from_dict(request.body, CreateSIPOutboundTrunkRequest()))


@stub.operation("GetSIPInboundTrunk")
@respond_to_rejections
def get_inbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """One inbound trunk."""
    trunk = _find(state, _required_id(request), SIPInboundTrunkInfo)
    return ok(protojson.to_twirp_json(GetSIPInboundTrunkResponse(trunk=trunk)))


@stub.operation("GetSIPOutboundTrunk")
@respond_to_rejections
def get_outbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """One outbound trunk."""
    trunk = _find(state, _required_id(request), SIPOutboundTrunkInfo)
    return ok(protojson.to_twirp_json(GetSIPOutboundTrunkResponse(trunk=trunk)))


@stub.operation("ListSIPInboundTrunk")
def list_inbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Inbound trunks, filtered by id and by called number, however it is written."""
    items = _filter(request.body, _trunks_of(state, SIPInboundTrunkInfo), normalize_number)
    return ok(protojson.to_twirp_json(ListSIPInboundTrunkResponse(items=items)))


@stub.operation("ListSIPOutboundTrunk")
def list_outbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Outbound trunks, filtered by id and by calling number, which has to be written in the same way."""
    items = _filter(request.body, _trunks_of(state, SIPOutboundTrunkInfo))
    return ok(protojson.to_twirp_json(ListSIPOutboundTrunkResponse(items=items)))


@stub.operation("UpdateSIPInboundTrunk")
@respond_to_rejections
def update_inbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Replace an inbound trunk or change some of its fields."""
    message = protojson.from_dict(request.body, UpdateSIPInboundTrunkRequest())
    return _update(state, message, SIPInboundTrunkInfo)


@stub.operation("UpdateSIPOutboundTrunk")
@respond_to_rejections
def update_outbound(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Replace an outbound trunk or change some of its fields."""
    message = protojson.from_dict(request.body, UpdateSIPOutboundTrunkRequest())
    return _update(state, message, SIPOutboundTrunkInfo)


@stub.operation("DeleteSIPTrunk")
@respond_to_rejections
def delete_trunk(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Delete a trunk. Recorded: an unknown id succeeds too and is returned."""
    trunk_id = _required_id(request)
    state.trunks.pop(trunk_id, None)
    return ok(protojson.to_twirp_json(SIPTrunkInfo(sip_trunk_id=trunk_id)))


def find_outbound_trunk(state: LiveKitState, trunk_id: str) -> Any:
    """The outbound trunk with an id.

    Raises:
        TwirpRejection: it does not exist.
    """
    return _find(state, trunk_id, SIPOutboundTrunkInfo)


def _required_id(request: StubRequest) -> str:
    trunk_id = request.body.get("sip_trunk_id")
    if not trunk_id:
        raise TwirpRejection("trunk ID is required")
    return str(trunk_id)


def _find(state: LiveKitState, trunk_id: str, trunk_type: type[Message]) -> Any:
    trunk = state.trunks.get(trunk_id)
    if not isinstance(trunk, trunk_type):
        raise TwirpRejection("requested sip trunk does not exist", "not_found")
    return trunk


def _trunks_of(state: LiveKitState, trunk_type: type[Message]) -> list[Any]:
    return [trunk for _, trunk in sorted(state.trunks.items()) if isinstance(trunk, trunk_type)]


def _filter(
    body: Mapping[str, Any], trunks: Iterable[Any], normalize: Callable[[str], str] = str
) -> list[Any]:
    """The trunks that pass every filter. Recorded: the page's `limit` has no effect."""
    trunk_ids, after_id = body.get("trunk_ids"), body.get("page", {}).get("after_id", "")
    numbers = set(map(normalize, body.get("numbers", ())))
    return [
        trunk
        for trunk in trunks
        if (not trunk_ids or trunk.sip_trunk_id in trunk_ids)
        and trunk.sip_trunk_id > after_id
        # A trunk without numbers takes calls of every number.
        and (not numbers or not trunk.numbers or numbers & set(map(normalize, trunk.numbers)))
    ]


def _create(state: LiveKitState, message: Any) -> StubResponse:
    if not message.HasField("trunk"):
        raise TwirpRejection("missing trunk")
    if message.trunk.sip_trunk_id:
        raise TwirpRejection("trunk id must not be set")
    check_trunk(message.trunk)
    if isinstance(message.trunk, SIPInboundTrunkInfo):
        check_conflicts(message.trunk, _trunks_of(state, SIPInboundTrunkInfo))
    trunk = type(message.trunk)()
    trunk.CopyFrom(message.trunk)
    trunk.sip_trunk_id = state.new_id("ST")
    state.trunks[trunk.sip_trunk_id] = trunk
    return ok(protojson.to_twirp_json(trunk))


def _update(state: LiveKitState, message: Any, trunk_type: type[Any]) -> StubResponse:
    if not message.sip_trunk_id:
        raise TwirpRejection("trunk id must be set")
    if requested_action(message) == "replace":
        updated = _replaced(state, message, trunk_type)
    else:
        updated = _changed(state, message, trunk_type)
    state.trunks[updated.sip_trunk_id] = updated
    return ok(protojson.to_twirp_json(updated))


def _replaced(state: LiveKitState, message: Any, trunk_type: type[Any]) -> Any:
    if message.replace.sip_trunk_id not in {"", message.sip_trunk_id}:
        raise TwirpRejection("trunk id in the info must be empty or match the id in the update")
    check_trunk(message.replace)
    _find(state, message.sip_trunk_id, trunk_type)
    trunk = trunk_type()
    trunk.CopyFrom(message.replace)
    trunk.sip_trunk_id = message.sip_trunk_id
    return trunk


def _changed(state: LiveKitState, message: Any, trunk_type: type[Any]) -> Any:
    check_list_changes(message.update)
    trunk = trunk_type()
    trunk.CopyFrom(_find(state, message.sip_trunk_id, trunk_type))
    apply_update(trunk, message.update)
    # Recorded: an updated trunk has a media object, which mirrors the deprecated media_encryption.
    trunk.media.SetInParent()
    if trunk.media_encryption:
        trunk.media.encryption = trunk.media_encryption
    try:
        check_trunk(trunk)
    except TwirpRejection as rejection:
        # Recorded: an update that makes a trunk invalid fails with another code per kind of trunk.
        if trunk_type is SIPOutboundTrunkInfo:
            raise TwirpRejection(rejection.message, "unknown") from None
        raise TwirpRejection(f"{UNKNOWN_PREFIX}{rejection.message}") from None
    return trunk
