"""The first steps of ElevenLabs' SDK for Python."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import httpx
from elevenlabs import VoiceSettings
from elevenlabs.client import AsyncElevenLabs, ElevenLabs

from provider_verification.stubs.vendors.tts.state import API_KEY
from tests.stubs.sdk_table import CallRecorder, CallResult, tts_stub_with_tls

NO_RETRY: Any = {"max_retries": 0}
SPEECH: Any = {"voice_id": "porter", "text": "The first move is what sets everything in motion."}
Calls = dict[str, Callable[[], Any]]


def elevenlabs_results(url: str) -> list[CallResult]:
    """The calls of `elevenlabs` that need no TLS."""
    recorder = CallRecorder("elevenlabs (Python)", url)
    with httpx.Client() as http:
        client = ElevenLabs(base_url=url, api_key=API_KEY, httpx_client=http)
        item = client.history.list(page_size=1).history[0].history_item_id
        calls = {**_speech_calls(client), **_voice_calls(client), **_account_calls(client, url, item)}
        for name, call in calls.items():
            with recorder.call(name):
                call()
    recorder.close()
    return recorder.results


def _speech_calls(client: ElevenLabs) -> Calls:
    speech = client.text_to_speech
    return {
        "text_to_speech.convert": lambda: list(
            speech.convert(
                **SPEECH, model_id="eleven_v3", output_format="mp3_44100_128", request_options=NO_RETRY
            )
        ),
        "text_to_speech.stream": lambda: list(speech.stream(**SPEECH, model_id="eleven_multilingual_v2")),
        "text_to_speech.convert_with_timestamps": lambda: speech.convert_with_timestamps(**SPEECH),
        "text_to_speech.stream_with_timestamps": lambda: list(speech.stream_with_timestamps(**SPEECH)),
        "text_to_speech.convert (settings)": lambda: list(
            speech.convert(
                **SPEECH,
                voice_settings=VoiceSettings(stability=0.5, speed=1.1),
                output_format="wav_16000",
            )
        ),
    }


def _voice_calls(client: ElevenLabs) -> Calls:
    voices = client.voices
    return {
        "voices.search": lambda: voices.search(search="porter", sort="name", voice_ids=["porter", "manager"]),
        "voices.get_all": lambda: voices.get_all(show_legacy=True),
        "voices.get": lambda: voices.get("porter"),
        "voices.settings.get_default": voices.settings.get_default,
        "voices.settings.get": lambda: voices.settings.get("porter"),
        "voices.settings.update": lambda: voices.settings.update(
            "porter", request=VoiceSettings(stability=0.6)
        ),
        "voices.ivc.create": lambda: voices.ivc.create(
            name="Alex", files=[("sample.mp3", io.BytesIO(b"\xff\xfb"))], request_options=NO_RETRY
        ),
    }


def _account_calls(client: ElevenLabs, url: str, item: str) -> Calls:
    return {
        "models.list": client.models.list,
        "models.list (async)": lambda: asyncio.run(_list_models(url)),
        "history.list": lambda: client.history.list(page_size=2, voice_id="porter", source="TTS"),
        "history.get": lambda: client.history.get(item),
        "history.get_audio": lambda: list(client.history.get_audio(item)),
        "history.delete": lambda: client.history.delete(item),
        "user.get": client.user.get,
        "user.subscription.get": client.user.subscription.get,
    }


async def _list_models(url: str) -> None:
    async with httpx.AsyncClient() as http:
        await AsyncElevenLabs(base_url=url, api_key=API_KEY, httpx_client=http).models.list()


def realtime_results() -> list[CallResult]:
    """The WebSocket of `elevenlabs`, which speaks TLS only."""
    with tts_stub_with_tls() as url, httpx.Client() as http:
        client = ElevenLabs(base_url=url, api_key=API_KEY, httpx_client=http)
        recorder = CallRecorder("elevenlabs (Python)", url)
        with recorder.call("text_to_speech.convert_realtime"):
            texts = iter(["Hello, how are you?", "I am fine, thank you."])
            audio = b"".join(client.text_to_speech.convert_realtime("porter", text=texts))
            if not audio:
                raise ValueError("no audio")
        recorder.close()
    return recorder.results
