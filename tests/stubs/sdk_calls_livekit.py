"""The first steps of LiveKit's SDK for Python."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from livekit import api
from livekit.protocol.models import DataPacket
from livekit.protocol.sip import SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.stubs.sdk_table import CallRecorder, CallResult

ROOM, IDENTITY = "call-1", "guest"
Calls = dict[str, Callable[[], Awaitable[Any]]]


async def livekit_results(url: str) -> list[CallResult]:
    """The calls of `livekit-api`."""
    recorder = CallRecorder("livekit-api (Python)", url)
    recorder.set_state("a participant in a room", room=ROOM, identity=IDENTITY)
    recorder.set_state("a published track", room=ROOM, identity=IDENTITY, sid="TR_mic")
    async with api.LiveKitAPI(url, API_KEY, API_SECRET) as lk:
        for name, call in {
            **_room_calls(lk),
            **_egress_calls(lk),
            **_sip_calls(lk),
            **_agent_calls(lk),
        }.items():
            with recorder.call(name):
                await call()
    recorder.close()
    return recorder.results


def _room_calls(lk: api.LiveKitAPI) -> Calls:
    participant = api.RoomParticipantIdentity(room=ROOM, identity=IDENTITY)
    mute = api.MuteRoomTrackRequest(room=ROOM, identity=IDENTITY, track_sid="TR_mic", muted=True)
    subscriptions = api.UpdateSubscriptionsRequest(
        room=ROOM, identity=IDENTITY, track_sids=["TR_mic"], subscribe=True
    )
    data = api.SendDataRequest(room=ROOM, data=b"hello", kind=DataPacket.Kind.RELIABLE)
    return {
        "room.create_room": lambda: lk.room.create_room(
            api.CreateRoomRequest(name="myroom", empty_timeout=600, max_participants=20)
        ),
        "room.list_rooms": lambda: lk.room.list_rooms(api.ListRoomsRequest()),
        "room.update_room_metadata": lambda: lk.room.update_room_metadata(
            api.UpdateRoomMetadataRequest(room="myroom", metadata="{}")
        ),
        "room.delete_room": lambda: lk.room.delete_room(api.DeleteRoomRequest(room="myroom")),
        "room.list_participants": lambda: lk.room.list_participants(api.ListParticipantsRequest(room=ROOM)),
        "room.get_participant": lambda: lk.room.get_participant(participant),
        "room.update_participant": lambda: lk.room.update_participant(
            api.UpdateParticipantRequest(room=ROOM, identity=IDENTITY, metadata="{}")
        ),
        "room.mute_published_track": lambda: lk.room.mute_published_track(mute),
        "room.update_subscriptions": lambda: lk.room.update_subscriptions(subscriptions),
        "room.send_data": lambda: lk.room.send_data(data),
    }


def _egress_calls(lk: api.LiveKitAPI) -> Calls:
    recording = api.RoomCompositeEgressRequest(
        room_name=ROOM, audio_only=True, file_outputs=[api.EncodedFileOutput(filepath="call.ogg")]
    )
    return {
        "egress.start_room_composite_egress": lambda: lk.egress.start_room_composite_egress(recording),
        "egress.list_egress": lambda: lk.egress.list_egress(api.ListEgressRequest()),
        "egress.stop_egress": lambda: _stop_egress(lk),
        "egress.start_web_egress": lambda: lk.egress.start_web_egress(
            api.WebEgressRequest(
                url="https://example.org", file_outputs=[api.EncodedFileOutput(filepath="a.mp4")]
            )
        ),
        "ingress.list_ingress": lambda: lk.ingress.list_ingress(api.ListIngressRequest()),
    }


def _sip_calls(lk: api.LiveKitAPI) -> Calls:
    inbound = SIPInboundTrunkInfo(name="hotel", numbers=["+4930111111"])
    outbound = SIPOutboundTrunkInfo(name="hotel", address="sip.example.org", numbers=["+4930111111"])
    rule = api.SIPDispatchRule(dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix="in-"))
    call = api.CreateSIPParticipantRequest(
        sip_trunk_id="ST_stuboutbound",
        sip_call_to="+4930222222",
        room_name=ROOM,
        participant_identity="callee",
    )
    return {
        "sip.create_inbound_trunk": lambda: lk.sip.create_inbound_trunk(
            api.CreateSIPInboundTrunkRequest(trunk=inbound)
        ),
        "sip.create_outbound_trunk": lambda: lk.sip.create_outbound_trunk(
            api.CreateSIPOutboundTrunkRequest(trunk=outbound)
        ),
        "sip.list_inbound_trunk": lambda: lk.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest()),
        "sip.list_outbound_trunk": lambda: lk.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest()),
        "sip.create_dispatch_rule": lambda: lk.sip.create_dispatch_rule(
            api.CreateSIPDispatchRuleRequest(rule=rule, name="calls")
        ),
        "sip.list_dispatch_rule": lambda: lk.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest()),
        "sip.create_sip_participant": lambda: lk.sip.create_sip_participant(call),
    }


async def _stop_egress(lk: api.LiveKitAPI) -> None:
    [egress, *_] = (await lk.egress.list_egress(api.ListEgressRequest())).items
    await lk.egress.stop_egress(api.StopEgressRequest(egress_id=egress.egress_id))


def _agent_calls(lk: api.LiveKitAPI) -> Calls:
    dispatch = api.CreateAgentDispatchRequest(agent_name="concierge", room=ROOM, metadata="{}")
    participant = api.RoomParticipantIdentity(room=ROOM, identity=IDENTITY)
    return {
        "agent_dispatch.create_dispatch": lambda: lk.agent_dispatch.create_dispatch(dispatch),
        "agent_dispatch.list_dispatch": lambda: lk.agent_dispatch.list_dispatch(ROOM),
        "agent_dispatch.delete_dispatch": lambda: _delete_dispatch(lk),
        "room.remove_participant": lambda: lk.room.remove_participant(participant),
    }


async def _delete_dispatch(lk: api.LiveKitAPI) -> None:
    dispatches = await lk.agent_dispatch.list_dispatch(ROOM)
    await lk.agent_dispatch.delete_dispatch(dispatches[-1].id, ROOM)
