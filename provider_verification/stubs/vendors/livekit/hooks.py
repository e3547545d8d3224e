"""Who may call LiveKit, how requests are read, and how it says no. Each quirk was recorded from the real server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jwt
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from jwt.types import Options
from livekit.protocol import agent_dispatch, egress, room, sip

from provider_verification.stubs.sdk import (
    RequestRejected,
    StubRequest,
    StubResponse,
    VendorHooks,
    media_type,
)
from provider_verification.stubs.vendors.livekit import protojson
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET, LiveKitState

STATUS = {
    "invalid_argument": 400,
    "malformed": 400,
    "resource_exhausted": 429,
    "unknown": 500,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "canceled": 408,
    "deadline_exceeded": 408,
    "failed_precondition": 412,
    "internal": 500,
    "unimplemented": 501,
    "unavailable": 503,
}
LEEWAY = 60
PROTOBUF = "application/protobuf"
_SERVICES = [
    service
    for module in (room, agent_dispatch, egress, sip)
    for service in module.DESCRIPTOR.services_by_name.values()
]
SERVICES = tuple(f"/twirp/{service.full_name}/" for service in _SERVICES)
METHODS = {method.name: method for service in _SERVICES for method in service.methods}
Grants = Mapping[str, Any]


def twirp_error(code: str, message: str, **meta: str) -> StubResponse:
    """A Twirp error with the status its code has."""
    return StubResponse(STATUS[code], {"code": code, "msg": message, **({"meta": meta} if meta else {})})


def error_response(problem: RequestRejected) -> StubResponse:
    """LiveKit's answer to a request it refuses."""
    if problem.status is not None:
        code = next((name for name, status in STATUS.items() if status == problem.status), "internal")
        return StubResponse(problem.status, {"code": code, "msg": problem.message})
    if problem.kind == "unauthenticated":
        return StubResponse(401, problem.message.encode(), media_type="text/plain; charset=utf-8")
    if problem.kind == "forbidden":
        return twirp_error("unauthenticated", "permissions denied")
    if problem.kind in {"unknown_route", "wrong_method", "media_type"}:
        return _no_route(problem)
    return twirp_error("malformed", "the json request could not be decoded")


def _no_route(problem: RequestRejected) -> StubResponse:
    path = problem.route.partition(" ")[2]
    if not path.startswith(SERVICES):
        return StubResponse(404, b"404 page not found\n", media_type="text/plain; charset=utf-8")
    return twirp_error("bad_route", problem.message, twirp_invalid_route=problem.route)


def authenticate(_server: LiveKitState, headers: Mapping[str, str], query: Mapping[str, str]) -> Grants:
    """The grants of the token; without a token there are none, and the call fails later, in another form."""
    header = headers.get("authorization", "")
    if header and not header.startswith("Bearer "):
        raise RequestRejected("unauthenticated", "invalid authorization header. Must start with Bearer ")
    token = header.removeprefix("Bearer ") or query.get("access_token", "")
    return _grants(token) if token else {}


def _grants(token: str) -> Grants:
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss", "")
    except jwt.InvalidTokenError:
        raise RequestRejected("unauthenticated", "invalid authorization token") from None
    if issuer != API_KEY:
        raise RequestRejected("unauthenticated", f"invalid API key: {issuer}")
    try:
        # Only nbf and exp are looked at, and only when there: a token without exp is accepted.
        options: Options = {
            "verify_iat": False,
            "verify_sub": False,
            "verify_aud": False,
            "verify_jti": False,
        }
        claims = jwt.decode(token, API_SECRET, algorithms=["HS256"], leeway=LEEWAY, options=options)
    except jwt.InvalidTokenError as error:
        raise RequestRejected("unauthenticated", f"invalid token: {token}, error: {error}") from None
    video = claims.get("video", {})
    if not isinstance(video, dict) or any(
        not isinstance(video.get(name, False), bool) for name in ("roomCreate", "roomList", "roomAdmin")
    ):
        raise RequestRejected("unauthenticated", f"invalid token: {token}, error: a grant has the wrong type")
    return claims


def _video(*names: str) -> Callable[[Grants, Mapping[str, Any]], bool]:
    return lambda claims, _body: all(claims.get("video", {}).get(name) is True for name in names)


def _admin(claims: Grants, body: Mapping[str, Any]) -> bool:
    video = claims.get("video", {})
    return video.get("roomAdmin") is True and video.get("room", "") == body.get("room", "")


REQUIRED_GRANTS: dict[str, Callable[[Grants, Mapping[str, Any]], bool]] = {
    "CreateRoom": _video("roomCreate"),
    "DeleteRoom": _video("roomCreate"),
    "ListRooms": _video("roomList"),
    "StartRoomCompositeEgress": _video("roomRecord"),
    "StopEgress": _video("roomRecord"),
    "ListEgress": _video("roomRecord"),
    "health": lambda _claims, _body: True,
}


def _sip(name: str) -> Callable[[Grants, Mapping[str, Any]], bool]:
    return lambda claims, _body: claims.get("sip", {}).get(name) is True


def _transfer(claims: Grants, body: Mapping[str, Any]) -> bool:
    room = body.get("room_name", "")
    return _sip("call")(claims, body) and (not room or _admin(claims, {"room": room}))


REQUIRED_GRANTS |= {method: _sip("admin") for method in METHODS if "SIP" in method}
REQUIRED_GRANTS |= {"CreateSIPParticipant": _sip("call"), "TransferSIPParticipant": _transfer}


def authorize(_server: LiveKitState, call: StubRequest) -> None:
    """A valid token without the grant is 401 unauthenticated here, not 403."""
    if not REQUIRED_GRANTS.get(call.operation_id, _admin)(call.principal, call.body):
        raise RequestRejected("forbidden", f"the token lacks the grant that {call.operation_id} needs")


def decode(operation: str, headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    """The request as a snake_case dict, from JSON in either spelling or from protobuf."""
    if operation not in METHODS:
        return {}
    kind = media_type(headers)
    message: Message = GetMessageClass(METHODS[operation].input_type)()
    if kind == PROTOBUF:
        try:
            message.ParseFromString(raw)
        except DecodeError:
            raise RequestRejected("malformed", "the protobuf request could not be decoded") from None
    elif kind == "application/json":
        try:
            protojson.parse_message(raw, message)
        except ValueError:
            raise RequestRejected("malformed", "the json request could not be decoded") from None
    else:
        raise RequestRejected("media_type", f'unexpected Content-Type: "{kind}"')
    return MessageToDict(message, preserving_proto_field_name=True)


def encode(call: StubRequest, answer: StubResponse) -> StubResponse:
    """A success in the encoding of the request; errors are always JSON."""
    if media_type(call.headers) != PROTOBUF or answer.status != 200:
        return answer
    message: Message = GetMessageClass(METHODS[call.operation_id].output_type)()
    body: Any = answer.body
    return StubResponse(200, protojson.from_dict(body, message).SerializeToString(), media_type=PROTOBUF)


def outage_response(server: LiveKitState, call: StubRequest) -> StubResponse | None:
    """An outage, a proxy before the server that limits the rate, or SIP without Redis."""
    if server.outage is not None:
        status, code = server.outage
        return StubResponse(status, {"code": code, "msg": "twirp error unknown: the stub is told to fail"})
    if server.retry_after is not None:
        pause = {"Retry-After": str(server.retry_after)}
        return StubResponse(429, b"too many requests\n", pause, media_type="text/plain; charset=utf-8")
    if (
        not server.redis_connected
        and "SIP" in call.operation_id
        and call.operation_id != "TransferSIPParticipant"
    ):
        return twirp_error("internal", "twirp error unknown: sip not connected (redis required)")
    return None


HOOKS: VendorHooks[LiveKitState] = VendorHooks(
    error_response=error_response,
    authenticate=authenticate,
    authorize=authorize,
    decode=decode,
    encode=encode,
    outage_response=outage_response,
)
