"""The grants of an access token that each method needs. Source: LiveKit's server code, `pkg/service`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Grants = Mapping[str, Any]
GrantCheck = Callable[[Grants, Mapping[str, Any]], bool]
BOOLEAN_GRANTS = ("roomCreate", "roomList", "roomAdmin")


def is_granted(method: str, grants: Grants, body: Mapping[str, Any]) -> bool:
    """Whether the grants allow a method; methods on a room need `roomAdmin` for that very room."""
    if method in REQUIRED_GRANTS:
        return REQUIRED_GRANTS[method](grants, body)
    return _sip("admin")(grants, body) if "SIP" in method else _is_room_admin(grants, body)


def has_valid_types(grants: Grants) -> bool:
    """Whether the video grants have the types that the server can read."""
    video = grants.get("video", {})
    return isinstance(video, dict) and all(
        isinstance(video.get(name, False), bool) for name in BOOLEAN_GRANTS
    )


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


REQUIRED_GRANTS: dict[str, GrantCheck] = {
    "CreateRoom": _video("roomCreate"),
    "DeleteRoom": _video("roomCreate"),
    "ListRooms": _video("roomList"),
    "StartRoomCompositeEgress": _video("roomRecord"),
    "StopEgress": _video("roomRecord"),
    "ListEgress": _video("roomRecord"),
    "CreateSIPParticipant": _sip("call"),
    "TransferSIPParticipant": _may_transfer,
    "health": lambda _grants, _body: True,
}
