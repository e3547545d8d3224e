"""Egress of every kind at LiveKit's stub. Without a worker the answers are recorded; with one they follow the code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stubs.twirp import TwirpClient, error_of

FILE = {"file_outputs": [{"filepath": "a.mp4"}]}
STREAM = {"stream_outputs": [{"protocol": "RTMP", "urls": ["rtmp://a/live"]}]}
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "StartRoomCompositeEgress": ("room_composite", {"room_name": "call-1", **FILE}),
    "StartWebEgress": ("web", {"url": "https://example.org", **FILE}),
    "StartParticipantEgress": ("participant", {"room_name": "call-1", "identity": "guest", **FILE}),
    "StartTrackCompositeEgress": ("track_composite", {"room_name": "call-1", "audio_track_id": "TR_1", **FILE}),
    "StartTrackEgress": ("track", {"room_name": "call-1", "track_id": "TR_1", "file": {"filepath": "a.mp4"}}),
    "StartEgress": (
        "egress",
        {"room_name": "call-1", "template": {"layout": "grid"}, "outputs": [{"file": {"filepath": "a.mp4"}}]},
    ),
}  # fmt: skip
"""A request of each method, and the field of `EgressInfo` that repeats it."""
NOT_FOUND = (404, "not_found", "twirp error unknown: egress does not exist")


@pytest.fixture(autouse=True)
async def room(livekit: TwirpClient) -> None:
    """The room call-1."""
    await livekit.set_state("a room", name="call-1")


@pytest.mark.parametrize("method", REQUESTS)
async def test_egress_without_a_worker_is_unavailable_at_once(livekit: TwirpClient, method: str) -> None:
    """The recorded server needs 20 s for it; a worker that was taken away again is no worker."""
    await livekit.set_state("an egress worker")
    await livekit.set_state("an egress worker", running=False)

    response = await livekit.call(f"Egress/{method}", REQUESTS[method][1])

    assert error_of(response) == (503, "unavailable", "twirp error unknown: no response from servers")


@pytest.mark.parametrize("method", REQUESTS)
async def test_egress_is_started_listed_and_stopped(livekit: TwirpClient, method: str) -> None:
    """Every kind repeats its request, reports its file, and is ended by the same method."""
    await livekit.set_state("an egress worker")
    kind, request = REQUESTS[method]

    started = (await livekit.call(f"Egress/{method}", request)).json()
    listed = await livekit.call("Egress/ListEgress", {"active": True})
    stopped = await livekit.call("Egress/StopEgress", {"egress_id": started["egress_id"]})

    is_page = kind in {"room_composite", "web", "egress"}
    assert started["status"] == "EGRESS_STARTING"
    assert started["room_name"] == request.get("room_name", "")
    assert started["source_type"] == f"EGRESS_SOURCE_TYPE_{'WEB' if is_page else 'SDK'}"
    assert started[kind].items() >= {"webhooks": []}.items()
    assert [result["filename"] for result in started["file_results"]] == ["a.mp4"]
    assert listed.json() == {"items": [started], "next_page_token": None}
    assert (stopped.status_code, stopped.json()["status"]) == (200, "EGRESS_ENDING")


@pytest.mark.parametrize(
    ("method", "changes", "field"),
    [
        ("StartRoomCompositeEgress", {"file_outputs": []}, "output"),
        ("StartRoomCompositeEgress", {"audio_only": True, "video_only": True}, "audio_only and video_only"),
        ("StartRoomCompositeEgress", {"custom_base_url": "ftp://a"}, "template base url"),
        ("StartRoomCompositeEgress", {"room_name": ""}, "room_name"),
        ("StartWebEgress", {"url": "example.org"}, "web url"),
        ("StartWebEgress", {"url": "http://[::1"}, "web url"),
        ("StartParticipantEgress", {"identity": ""}, "identity"),
        ("StartTrackCompositeEgress", {"audio_track_id": ""}, "audio_track_id or video_track_id"),
        ("StartTrackEgress", {"track_id": ""}, "track_id"),
        ("StartTrackEgress", {"file": None}, "output"),
        ("StartEgress", {"template": None}, "source"),
        ("StartEgress", {"outputs": []}, "output"),
        ("StartEgress", {"room_name": ""}, "room_name"),
    ],
)
async def test_request_that_the_worker_rejects_names_the_field(
    livekit: TwirpClient, method: str, changes: dict[str, Any], field: str
) -> None:
    """The first field that is missing or not allowed."""
    await livekit.set_state("an egress worker")

    response = await livekit.call(f"Egress/{method}", {**REQUESTS[method][1], **changes})

    text = f"twirp error unknown: request has missing or invalid field: {field}"
    assert error_of(response) == (400, "invalid_argument", text)


async def test_room_that_is_created_with_an_egress_is_recorded(livekit: TwirpClient) -> None:
    """The egress gets the name of the room; a second request for the same room starts no other one."""
    await livekit.set_state("an egress worker")
    request = {"name": "call-2", "egress": {"room": {"room_name": "other", **FILE}}}

    for _ in range(2):
        assert (await livekit.call("RoomService/CreateRoom", request)).status_code == 200

    listed = await livekit.call("Egress/ListEgress", {})
    assert [egress["room_name"] for egress in listed.json()["items"]] == ["call-2"]


@pytest.mark.parametrize("method", sorted(set(REQUESTS) - {"StartWebEgress"}))
async def test_egress_of_an_unknown_room_is_rejected(livekit: TwirpClient, method: str) -> None:
    """Before a worker is looked for, as recorded for the whole room."""
    response = await livekit.call(f"Egress/{method}", {**REQUESTS[method][1], "room_name": "nope"})

    assert error_of(response) == (404, "not_found", "twirp error unknown: requested room does not exist")


async def test_credentials_of_a_storage_are_not_repeated(livekit: TwirpClient) -> None:
    """The worker replaces them by their names; what is not secret stays."""
    await livekit.set_state("an egress worker")
    s3 = {"access_key": "AKIA-x", "secret": "s3cret", "bucket": "calls"}
    request = {"room_name": "call-1", "file_outputs": [{"filepath": "a.mp4", "s3": s3}]}

    response = await livekit.call("Egress/StartRoomCompositeEgress", request)

    shown = response.json()["room_composite"]["file_outputs"][0]["s3"]
    assert (shown["access_key"], shown["secret"], shown["bucket"]) == ("{access_key}", "{secret}", "calls")
    assert "s3cret" not in response.text


async def test_stream_gets_and_loses_urls(livekit: TwirpClient) -> None:
    """A URL that was removed is reported as finished; one that the stream does not have is 404."""
    await livekit.set_state("an egress worker")
    request = {"room_name": "call-1", **STREAM}
    egress_id = (await livekit.call("Egress/StartRoomCompositeEgress", request)).json()["egress_id"]

    changed = await livekit.call(
        "Egress/UpdateStream",
        {
            "egress_id": egress_id,
            "add_output_urls": ["rtmp://b/live"],
            "remove_output_urls": ["rtmp://a/live"],
        },
    )
    unknown = await livekit.call(
        "Egress/UpdateStream", {"egress_id": egress_id, "remove_output_urls": ["rtmp://c/live"]}
    )

    assert [(stream["url"], stream["status"]) for stream in changed.json()["stream_results"]] == [
        ("rtmp://a/live", "FINISHED"),
        ("rtmp://b/live", "ACTIVE"),
    ]
    assert error_of(unknown) == (404, "not_found", "twirp error unknown: stream rtmp://c/live not found")


async def test_file_egress_takes_no_stream(livekit: TwirpClient) -> None:
    """Only an egress that streams from the start can get further URLs."""
    await livekit.set_state("an egress worker")
    egress_id = (await livekit.call("Egress/StartWebEgress", REQUESTS["StartWebEgress"][1])).json()[
        "egress_id"
    ]

    response = await livekit.call(
        "Egress/UpdateStream", {"egress_id": egress_id, "add_output_urls": ["rtmp://b"]}
    )

    text = "twirp error unknown: UpdateStream called on non-streaming egress"
    assert error_of(response) == (400, "invalid_argument", text)


async def test_layout_of_a_room_is_changed_and_that_of_a_page_is_not(livekit: TwirpClient) -> None:
    """The recorder of a web page is no participant of a room."""
    await livekit.set_state("an egress worker")
    ids = [
        (await livekit.call(f"Egress/{method}", REQUESTS[method][1])).json()["egress_id"]
        for method in ("StartRoomCompositeEgress", "StartWebEgress")
    ]

    changed, refused = [
        await livekit.call("Egress/UpdateLayout", {"egress_id": egress_id, "layout": "speaker"})
        for egress_id in ids
    ]

    assert (changed.status_code, changed.json()["egress_id"]) == (200, ids[0])
    assert error_of(refused) == (404, "not_found", "twirp error unknown: participant does not exist")


@pytest.mark.parametrize("method", ["StopEgress", "UpdateStream", "UpdateLayout"])
async def test_unknown_egress_is_not_found(livekit: TwirpClient, method: str) -> None:
    """As recorded for stopping one."""
    assert error_of(await livekit.call(f"Egress/{method}", {"egress_id": "EG_nope"})) == NOT_FOUND


@pytest.mark.parametrize(("method", "verb"), [("StopEgress", "stopped"), ("UpdateStream", "updated")])
async def test_ended_egress_cannot_be_changed(livekit: TwirpClient, method: str, verb: str) -> None:
    """412 with its status; it is listed, but not among the active ones."""
    await livekit.set_state("a recording", room="call-1", id="EG_1", status="EGRESS_COMPLETE")

    response = await livekit.call(f"Egress/{method}", {"egress_id": "EG_1"})
    active = await livekit.call("Egress/ListEgress", {"active": True})

    text = f"egress with status EGRESS_COMPLETE cannot be {verb}"
    assert error_of(response) == (412, "failed_precondition", text)
    assert active.json()["items"] == []


@pytest.mark.parametrize(
    ("path", "service"),
    [("Egress/ListEgress", "egress"), ("Ingress/ListIngress", "ingress"), ("SIP/ListSIPTrunk", "sip")],
)
async def test_server_without_redis_has_no_such_service(
    livekit: TwirpClient, path: str, service: str
) -> None:
    """As recorded for egress and SIP."""
    await livekit.set_state("Redis", connected=False)

    response = await livekit.call(path, {})

    text = f"twirp error unknown: {service} not connected (redis required)"
    assert error_of(response) == (500, "internal", text)


async def test_participant_is_moved_and_forwarded(livekit: TwirpClient) -> None:
    """As LiveKit Cloud does it; the open-source server has neither. An unknown identity is 503, as recorded."""
    await livekit.set_state("a participant in a room", room="call-1", identity="guest")
    await livekit.set_state("a participant in a room", room="call-1", identity="other")
    move = {"room": "call-1", "identity": "guest", "destination_room": "call-2"}

    moved = await livekit.call("RoomService/MoveParticipant", move)
    again = await livekit.call("RoomService/MoveParticipant", move)
    forwarded = await livekit.call("RoomService/ForwardParticipant", {**move, "identity": "other"})
    rooms = {
        room: await livekit.call(
            "RoomService/ListParticipants", {"room": room}, video={"roomAdmin": True, "room": room}
        )
        for room in ("call-1", "call-2")
    }

    assert [(response.status_code, response.json()) for response in (moved, forwarded)] == [
        (200, {}),
        (200, {}),
    ]
    assert error_of(again) == (503, "unavailable", "twirp error unknown: no response from servers")
    assert {
        room: [participant["identity"] for participant in response.json()["participants"]]
        for room, response in rooms.items()
    } == {"call-1": ["other"], "call-2": ["guest", "other"]}


async def test_participant_is_not_moved_to_its_own_room(livekit: TwirpClient) -> None:
    """The grant has to name the destination too."""
    await livekit.set_state("a participant in a room", room="call-1", identity="guest")

    response = await livekit.call(
        "RoomService/MoveParticipant",
        {"room": "call-1", "identity": "guest", "destination_room": "call-1"},
        video={"roomAdmin": True, "room": "call-1", "destinationRoom": "call-1"},
    )

    text = "destination room cannot be the same as source room "
    assert error_of(response) == (400, "invalid_argument", text)
