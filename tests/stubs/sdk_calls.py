"""The first steps of the vendors' SDKs for Python: the calls of their READMEs and getting-started pages."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import hvac
from elevenlabs import VoiceSettings
from elevenlabs.client import AsyncElevenLabs, ElevenLabs
from livekit import api
from livekit.protocol.models import DataPacket
from livekit.protocol.sip import SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from provider_verification.stubs.vendors.livekit.state import API_KEY as LIVEKIT_KEY
from provider_verification.stubs.vendors.livekit.state import API_SECRET as LIVEKIT_SECRET
from provider_verification.stubs.vendors.tts.state import API_KEY as TTS_KEY
from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID
from tests.stubs.sdk_table import CallRecorder, CallResult, tts_stub_with_tls

NO_RETRY: Any = {"max_retries": 0}
ROOM, IDENTITY = "call-1", "guest"


def python_results(urls: dict[str, str]) -> list[CallResult]:
    """Run all calls against running stubs."""
    return [
        *elevenlabs_results(urls["tts"]),
        *realtime_results(),
        *asyncio.run(livekit_results(urls["livekit"])),
        *hvac_results(urls["vault"]),
    ]


def elevenlabs_results(url: str) -> list[CallResult]:
    """The calls of `elevenlabs` that need no TLS."""
    recorder = CallRecorder("elevenlabs (Python)", url)
    with httpx.Client() as http:
        client = ElevenLabs(base_url=url, api_key=TTS_KEY, httpx_client=http)
        speech: Any = {"voice_id": "porter", "text": "The first move is what sets everything in motion."}
        item = client.history.list(page_size=1).history[0].history_item_id
        calls: dict[str, Callable[[], Any]] = {
            "text_to_speech.convert": lambda: list(
                client.text_to_speech.convert(
                    **speech, model_id="eleven_v3", output_format="mp3_44100_128", request_options=NO_RETRY
                )
            ),
            "text_to_speech.stream": lambda: list(
                client.text_to_speech.stream(**speech, model_id="eleven_multilingual_v2")
            ),
            "text_to_speech.convert_with_timestamps": lambda: client.text_to_speech.convert_with_timestamps(
                **speech
            ),
            "text_to_speech.stream_with_timestamps": lambda: list(
                client.text_to_speech.stream_with_timestamps(**speech)
            ),
            "text_to_speech.convert (settings)": lambda: list(
                client.text_to_speech.convert(
                    **speech,
                    voice_settings=VoiceSettings(stability=0.5, speed=1.1),
                    output_format="wav_16000",
                )
            ),
            "voices.search": lambda: client.voices.search(
                search="porter", sort="name", voice_ids=["porter", "manager"]
            ),
            "voices.get_all": lambda: client.voices.get_all(show_legacy=True),
            "voices.get": lambda: client.voices.get("porter"),
            "voices.settings.get_default": client.voices.settings.get_default,
            "voices.settings.get": lambda: client.voices.settings.get("porter"),
            "voices.settings.update": lambda: client.voices.settings.update(
                "porter", request=VoiceSettings(stability=0.6)
            ),
            "voices.ivc.create": lambda: client.voices.ivc.create(
                name="Alex", files=[("sample.mp3", io.BytesIO(b"\xff\xfb"))], request_options=NO_RETRY
            ),
            "models.list": client.models.list,
            "models.list (async)": lambda: asyncio.run(_list_models(url)),
            "history.list": lambda: client.history.list(page_size=2, voice_id="porter", source="TTS"),
            "history.get": lambda: client.history.get(item),
            "history.get_audio": lambda: list(client.history.get_audio(item)),
            "history.delete": lambda: client.history.delete(item),
            "user.get": client.user.get,
            "user.subscription.get": client.user.subscription.get,
        }
        for name, call in calls.items():
            with recorder.call(name):
                call()
    recorder.close()
    return recorder.results


async def _list_models(url: str) -> None:
    async with httpx.AsyncClient() as http:
        await AsyncElevenLabs(base_url=url, api_key=TTS_KEY, httpx_client=http).models.list()


def realtime_results() -> list[CallResult]:
    """The WebSocket of `elevenlabs`, which speaks TLS only."""
    with tts_stub_with_tls() as url, httpx.Client() as http:
        client = ElevenLabs(base_url=url, api_key=TTS_KEY, httpx_client=http)
        recorder = CallRecorder("elevenlabs (Python)", url)
        with recorder.call("text_to_speech.convert_realtime"):
            texts = iter(["Hello, how are you?", "I am fine, thank you."])
            audio = b"".join(client.text_to_speech.convert_realtime("porter", text=texts))
            if not audio:
                raise ValueError("no audio")
        recorder.close()
    return recorder.results


async def livekit_results(url: str) -> list[CallResult]:
    """The calls of `livekit-api`."""
    recorder = CallRecorder("livekit-api (Python)", url)
    recorder.set_state("a participant in a room", room=ROOM, identity=IDENTITY)
    recorder.set_state("a published track", room=ROOM, identity=IDENTITY, sid="TR_mic")
    async with api.LiveKitAPI(url, LIVEKIT_KEY, LIVEKIT_SECRET) as lk:
        for name, call in {**_room_calls(lk), **_egress_and_sip_calls(lk), **_agent_calls(lk)}.items():
            with recorder.call(name):
                await call()
    recorder.close()
    return recorder.results


Calls = dict[str, Callable[[], Awaitable[Any]]]


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


def _egress_and_sip_calls(lk: api.LiveKitAPI) -> Calls:
    recording = api.RoomCompositeEgressRequest(
        room_name=ROOM, audio_only=True, file_outputs=[api.EncodedFileOutput(filepath="call.ogg")]
    )
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
        "egress.start_room_composite_egress": lambda: lk.egress.start_room_composite_egress(recording),
        "egress.list_egress": lambda: lk.egress.list_egress(api.ListEgressRequest()),
        "egress.stop_egress": lambda: _stop_egress(lk),
        "egress.start_web_egress": lambda: lk.egress.start_web_egress(
            api.WebEgressRequest(
                url="https://example.org", file_outputs=[api.EncodedFileOutput(filepath="a.mp4")]
            )
        ),
        "ingress.list_ingress": lambda: lk.ingress.list_ingress(api.ListIngressRequest()),
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


def hvac_results(url: str) -> list[CallResult]:
    """The calls of `hvac`."""
    recorder = CallRecorder("hvac (Python)", url)
    client = hvac.Client(url=url, token=ROOT_TOKEN)
    untyped: Any = client
    kv, path = untyped.secrets.kv.v2, "hotels/ber"
    calls: dict[str, Callable[[], Any]] = {
        "is_authenticated": client.is_authenticated,
        "sys.read_health_status": lambda: client.sys.read_health_status(method="GET"),
        "sys.is_initialized": client.sys.is_initialized,
        "sys.is_sealed": client.sys.is_sealed,
        "sys.read_seal_status": client.sys.read_seal_status,
        "sys.read_leader_status": client.sys.read_leader_status,
        "sys.get_capabilities": lambda: untyped.sys.get_capabilities(["secret/data/hotels"]),
        "kv.create_or_update_secret": lambda: kv.create_or_update_secret(path, {"db": {"user": "u"}}),
        "kv.patch": lambda: kv.patch(path, {"db": {"password": "p"}}),
        "kv.read_secret_version": lambda: kv.read_secret_version(path, raise_on_deleted_version=True),
        "kv.read_secret_metadata": lambda: kv.read_secret_metadata(path),
        "kv.update_metadata": lambda: kv.update_metadata(path, max_versions=5),
        "kv.list_secrets": lambda: kv.list_secrets("hotels"),
        "kv.delete_latest_version_of_secret": lambda: kv.delete_latest_version_of_secret(path),
        "kv.undelete_secret_versions": lambda: kv.undelete_secret_versions(path, [1]),
        "kv.destroy_secret_versions": lambda: kv.destroy_secret_versions(path, [1]),
        "kv.delete_metadata_and_all_versions": lambda: kv.delete_metadata_and_all_versions(path),
        "auth.token.create": lambda: client.auth.token.create(policies=["app"], ttl="1h"),
        "auth.approle.login": lambda: client.auth.approle.login(ROLE_ID, SECRET_ID),
        "auth.token.lookup_self": client.auth.token.lookup_self,
        "auth.token.renew_self": client.auth.token.renew_self,
        "auth.token.revoke_self": client.auth.token.revoke_self,
    }
    for name, call in calls.items():
        with recorder.call(name):
            call()
    client.adapter.close()
    recorder.close()
    return recorder.results
