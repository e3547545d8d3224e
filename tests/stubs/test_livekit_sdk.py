"""LiveKit's own SDK for Python works with the newer operations of the stub; all its requests are protobuf."""

from __future__ import annotations

import httpx
import pytest
from livekit import api
from livekit.protocol.egress import (
    EncodedFileOutput,
    FileOutput,
    MediaSource,
    Output,
    ParticipantEgressRequest,
    StartEgressRequest,
    StreamOutput,
    TrackCompositeEgressRequest,
    TrackEgressRequest,
    UpdateLayoutRequest,
    UpdateStreamRequest,
    WebEgressRequest,
)
from livekit.protocol.room import MoveParticipantRequest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET

STATES: dict[str, dict[str, str]] = {
    "an egress worker": {},
    "a participant in a room": {"room": "r", "identity": "a"},
}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def test_livekit_api_starts_every_egress_and_manages_ingresses() -> None:
    """Each method of the SDK gets the message it expects; errors have Twirp's code."""
    with run_stubs(["livekit"]) as urls:
        async with httpx.AsyncClient(base_url=urls["livekit"]) as http:
            for state, params in STATES.items():
                body = {"state": state, "params": params}
                (await http.post("/_stub/states", json=body)).raise_for_status()
        async with api.LiveKitAPI(urls["livekit"], API_KEY, API_SECRET) as lk:
            kinds = await start_every_egress(lk)
            await manage_ingress(lk)
            await lk.room.move_participant(
                MoveParticipantRequest(room="r", identity="a", destination_room="s")
            )
            moved = await lk.room.list_participants(api.ListParticipantsRequest(room="s"))

    assert kinds == ["room_composite", "web", "participant", "track_composite", "track", "egress"]
    assert [participant.identity for participant in moved.participants] == ["a"]


async def start_every_egress(lk: api.LiveKitAPI) -> list[str]:
    """Start an egress of each kind, change one of them and stop them all; return the kinds that were listed."""
    file = EncodedFileOutput(filepath="a.mp4")
    stream = StreamOutput(urls=["rtmp://a/live"])
    started = await lk.egress.start_room_composite_egress(
        api.RoomCompositeEgressRequest(room_name="r", stream_outputs=[stream])
    )
    await lk.egress.start_web_egress(WebEgressRequest(url="https://example.org", file_outputs=[file]))
    await lk.egress.start_participant_egress(
        ParticipantEgressRequest(room_name="r", identity="a", file_outputs=[file])
    )
    await lk.egress.start_track_composite_egress(
        TrackCompositeEgressRequest(room_name="r", audio_track_id="TR_1", file_outputs=[file])
    )
    await lk.egress.start_track_egress(
        TrackEgressRequest(room_name="r", track_id="TR_1", websocket_url="wss://a")
    )
    await lk.egress.start_egress(
        StartEgressRequest(
            room_name="r",
            media=MediaSource(video_track_id="TR_2"),
            outputs=[Output(file=FileOutput(filepath="a.mp4"))],
        )
    )
    await lk.egress.update_layout(UpdateLayoutRequest(egress_id=started.egress_id, layout="speaker"))
    update = UpdateStreamRequest(egress_id=started.egress_id, add_output_urls=["rtmp://b/live"])
    updated = await lk.egress.update_stream(update)
    listed = await lk.egress.list_egress(api.ListEgressRequest())
    for egress in listed.items:
        await lk.egress.stop_egress(api.StopEgressRequest(egress_id=egress.egress_id))

    assert [result.url for result in updated.stream_results] == ["rtmp://a/live", "rtmp://b/live"]
    return [str(egress.WhichOneof("request")) for egress in listed.items]


async def manage_ingress(lk: api.LiveKitAPI) -> None:
    """Create, update, list and delete an ingress."""
    created = await lk.ingress.create_ingress(
        api.CreateIngressRequest(
            input_type=api.IngressInput.WHIP_INPUT, room_name="r", participant_identity="camera"
        )
    )
    updated = await lk.ingress.update_ingress(
        api.UpdateIngressRequest(ingress_id=created.ingress_id, name="lobby")
    )
    listed = await lk.ingress.list_ingress(api.ListIngressRequest(room_name="r"))
    await lk.ingress.delete_ingress(api.DeleteIngressRequest(ingress_id=created.ingress_id))
    with pytest.raises(api.TwirpError) as error:
        await lk.ingress.delete_ingress(api.DeleteIngressRequest(ingress_id=created.ingress_id))

    assert created.url.startswith("http")
    assert [ingress.name for ingress in listed.items] == [updated.name] == ["lobby"]
    assert error.value.code == "not_found"
