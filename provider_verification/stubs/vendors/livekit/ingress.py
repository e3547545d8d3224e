"""LiveKit's Ingress service: media that enter a room by RTMP or WHIP, or from a URL.

No answer of the real service was recorded; the stub follows the code of `livekit/livekit` and `livekit/protocol`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from livekit.protocol.ingress import (
    CreateIngressRequest,
    IngressInfo,
    IngressInput,
    IngressState,
    ListIngressResponse,
    UpdateIngressRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.ingress_validation import check_ingress
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    TwirpRejection,
    no_response_error,
    respond_to_rejections,
)

URLS = {
    IngressInput.RTMP_INPUT: "rtmp://127.0.0.1:1935/x",
    IngressInput.WHIP_INPUT: "http://127.0.0.1:8080/w",
}
"""Where an encoder sends its media to; set in the server's configuration. Nothing listens there."""
PULL_URL_SCHEMES = {"http", "https", "srt"}
UPDATABLE_FIELDS = ("name", "room_name", "participant_identity", "participant_name", "participant_metadata")


@stub.operation("CreateIngress")
@respond_to_rejections
def create_ingress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Create an ingress. One that pulls from a URL starts at once, for which it needs a worker."""
    message = protojson.from_dict(request.body, CreateIngressRequest())
    is_pull = message.input_type == IngressInput.URL_INPUT
    ingress = IngressInfo(
        ingress_id=state.new_id("IN"),
        name=message.name,
        stream_key="" if is_pull else state.new_id("SK"),
        url=_pull_url(message.url) if is_pull else URLS[message.input_type],
        input_type=message.input_type,
        room_name=message.room_name,
        participant_identity=message.participant_identity,
        participant_name=message.participant_name,
        participant_metadata=message.participant_metadata,
        reusable=not is_pull,
        state=IngressState(),
    )
    _apply_options(ingress, message)
    if is_pull and not state.ingress_worker:
        return no_response_error()
    state.ingresses[ingress.ingress_id] = ingress
    return ok(protojson.to_twirp_json(ingress))


@stub.operation("UpdateIngress")
@respond_to_rejections
def update_ingress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Change the fields that are not empty."""
    message = protojson.from_dict(request.body, UpdateIngressRequest())
    current = _find(state, message.ingress_id)
    if not current.reusable:
        raise TwirpRejection(
            f"{UNKNOWN_PREFIX}ingress is not reusable and cannot be modified", depends_on_state=True
        )
    ingress = IngressInfo()
    ingress.CopyFrom(current)
    for name in UPDATABLE_FIELDS:
        setattr(ingress, name, getattr(message, name) or getattr(current, name))
    _apply_options(ingress, message)
    state.ingresses[ingress.ingress_id] = ingress
    return ok(protojson.to_twirp_json(ingress))


@stub.operation("ListIngress")
@respond_to_rejections
def list_ingress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """All ingresses, those of a room, or the one with an id."""
    ingress_id, room = request.body.get("ingress_id"), request.body.get("room_name")
    items = [_find(state, ingress_id)] if ingress_id else list(state.ingresses.values())
    items = [ingress for ingress in items if ingress_id or room in {None, ingress.room_name}]
    return ok(protojson.to_twirp_json(ListIngressResponse(items=items)))


@stub.operation("DeleteIngress")
@respond_to_rejections
def delete_ingress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Delete an ingress and return it."""
    ingress = _find(state, request.body.get("ingress_id", ""))
    del state.ingresses[ingress.ingress_id]
    return ok(protojson.to_twirp_json(ingress))


def _find(state: LiveKitState, ingress_id: str) -> IngressInfo:
    if ingress_id not in state.ingresses:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}ingress does not exist", "not_found")
    return state.ingresses[ingress_id]


def _pull_url(url: str) -> str:
    if not url:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}invalid ingress: missing URL parameter")
    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}{error}") from None
    if scheme not in PULL_URL_SCHEMES:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}invalid ingress: invalid url scheme {scheme}")
    return url


def _apply_options(ingress: IngressInfo, message: CreateIngressRequest | UpdateIngressRequest) -> None:
    """Set the options that the request has, check the ingress, and set what follows from them."""
    for name in ("audio", "video"):
        if message.HasField(name):
            getattr(ingress, name).CopyFrom(getattr(message, name))
    for name in ("enable_transcoding", "enabled"):
        if message.HasField(name):
            setattr(ingress, name, getattr(message, name))
    check_ingress(ingress)
    if not ingress.HasField("enable_transcoding"):
        ingress.enable_transcoding = ingress.input_type != IngressInput.WHIP_INPUT
    ingress.bypass_transcoding = not ingress.enable_transcoding
