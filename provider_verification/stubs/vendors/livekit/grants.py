"""The grants of an access token that each method needs. Source: LiveKit's server code, `pkg/service`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provider_verification.stubs.vendors.livekit.limits import find_exceeded_limit

Grants = Mapping[str, Any]
GrantCheck = Callable[[Grants, Mapping[str, Any]], bool]


def is_granted(method: str, grants: Grants, body: Mapping[str, Any]) -> bool:
    """Whether the grants allow a method; methods on a room need `roomAdmin` for that very room."""
    if method in REQUIRED_GRANTS:
        return REQUIRED_GRANTS[method](grants, body)
    for part_of_name, check in GRANTS_OF_SERVICES.items():
        if part_of_name in method:
            return check(grants, body)
    return _is_room_admin(grants, body)


def _video(name: str) -> GrantCheck:
    return lambda grants, _body: grants.get("video", {}).get(name) is True


def _sip(name: str) -> GrantCheck:
    return lambda grants, _body: grants.get("sip", {}).get(name) is True


def _is_room_admin(grants: Grants, body: Mapping[str, Any]) -> bool:
    video = grants.get("video", {})
    return video.get("roomAdmin") is True and video.get("room", "") == body.get("room", "")


def _may_transfer(grants: Grants, body: Mapping[str, Any]) -> bool:
    room = body.get("room_name", "")
    # LiveKit's server code: a missing room name is reported before the room grant is checked.
    return _sip("call")(grants, body) and (not room or _is_room_admin(grants, {"room": room}))


def _may_move(grants: Grants, body: Mapping[str, Any]) -> bool:
    destination = grants.get("video", {}).get("destinationRoom", "")
    return _is_room_admin(grants, body) and bool(destination == body.get("destination_room", ""))


def _may_update(grants: Grants, body: Mapping[str, Any]) -> bool:
    # LiveKit's server code: what is too long is reported before the grant is checked.
    return _is_room_admin(grants, body) or find_exceeded_limit(body) is not None


REQUIRED_GRANTS: dict[str, GrantCheck] = {
    "CreateRoom": _video("roomCreate"),
    "DeleteRoom": _video("roomCreate"),
    "ListRooms": _video("roomList"),
    "UpdateRoomMetadata": _may_update,
    "UpdateParticipant": _may_update,
    "MoveParticipant": _may_move,
    "ForwardParticipant": _may_move,
    "UpdateLayout": _video("roomRecord"),
    "UpdateStream": _video("roomRecord"),
    "CreateSIPParticipant": _sip("call"),
    "TransferSIPParticipant": _may_transfer,
    "health": lambda _grants, _body: True,
}
GRANTS_OF_SERVICES: dict[str, GrantCheck] = {
    "SIP": _sip("admin"),
    "Egress": _video("roomRecord"),
    "Ingress": _video("ingressAdmin"),
}
"""The grant of the other methods of a service, whose names contain this text."""
