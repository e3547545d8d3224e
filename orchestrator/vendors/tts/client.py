"""The TTS vendor's operations that the orchestrator uses."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.tts.errors import read_refusal
from orchestrator.vendors.tts.models import (
    AudioWithTimestamps,
    HistoryPage,
    Model,
    Subscription,
    SynthesizedAudio,
    Voice,
    VoiceList,
    VoicePage,
)
from orchestrator.vendors.tts.stream_input import AudioChunk, open_speech_stream

VENDOR = "tts"
DEFAULT_FORMAT = "mp3_44100_128"
DEFAULT_MODEL = "eleven_flash_v2_5"
MAX_LINE_BYTES = 4 * 1024 * 1024
"""The longest line of a timed stream, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """What is to be said, and how.

    Args:
        text: up to 40,000 characters with the flash and turbo 2.5 models, 10,000 with multilingual v2.
        voice_id: the vendor's id of the voice.
        model_id: the vendor's model; the flash model answers fastest.
        output_format: codec, sample rate and bit rate, such as `mp3_44100_128` or `ulaw_8000` (telephony).
        language_code: ISO 639-1; only the turbo and flash 2.5 models take one.
        speed: 0.7 to 1.2, where 1.0 is the voice's own.
    """

    text: str
    voice_id: str
    model_id: str = DEFAULT_MODEL
    output_format: str = DEFAULT_FORMAT
    language_code: str | None = None
    speed: float | None = None


class TtsClient:
    """Speaks to the TTS vendor.

    Args:
        base_url: the vendor's server.
        api_key: sent as `xi-api-key`.
        http: the shared connection pool.
        policy: deadline and retries.
    """

    def __init__(self, *, base_url: str, api_key: str, http: httpx.AsyncClient, policy: CallPolicy) -> None:
        self._key = api_key
        self._socket_url = "ws" + base_url.removeprefix("http").rstrip("/")
        self._patience = policy.attempt_timeout
        self._transport = VendorHttpClient(
            vendor=VENDOR, base_url=base_url, http=http, policy=policy, parse_error=read_refusal
        )

    async def synthesize(self, utterance: SpeechRequest) -> SynthesizedAudio:
        """Speak a text, whole.

        Raises:
            VendorError: `code` tells a used-up quota (`quota_exceeded`) from a wrong key (`invalid_api_key`).
        """
        answer = await self._transport.send(self._speak("synthesize", "", utterance))
        cost = answer.headers.get("character-cost")
        media_type = answer.headers.get("content-type", "application/octet-stream")
        return SynthesizedAudio(answer.body, media_type, int(cost) if cost and cost.isdecimal() else None)

    def stream(self, utterance: SpeechRequest) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Speak a text; each piece of audio is given as soon as it arrives.

        Raises:
            VendorError: before the first piece; also while iterating, when the vendor breaks off.
        """
        return self._transport.stream(self._speak("stream", "/stream", utterance))

    def stream_input(
        self,
        texts: AsyncIterable[str],
        *,
        voice_id: str,
        model_id: str = DEFAULT_MODEL,
        output_format: str = DEFAULT_FORMAT,
    ) -> AbstractAsyncContextManager[AsyncIterator[AudioChunk]]:
        """Speak a text that is still being written; each piece of audio is given as soon as it arrives.

        Raises:
            VendorError: when the vendor cannot be reached or refuses; also while iterating.
        """
        query = urlencode({"model_id": model_id, "output_format": output_format, "sync_alignment": "true"})
        path = f"/v1/text-to-speech/{quote(voice_id, safe='')}/stream-input"
        return open_speech_stream(f"{self._socket_url}{path}?{query}", self._headers(), texts, self._patience)

    async def search_voices(self, *, page_size: int = 100, page_token: str | None = None) -> VoicePage:
        """One page of the voices that can be used. The vendor takes a page size of at most 100."""
        answer = await self._transport.send(
            VendorRequest(
                operation="voices",
                method="GET",
                path="/v2/voices",
                query={"page_size": page_size, "next_page_token": page_token},
                headers=self._headers(),
                idempotent=True,
            )
        )
        return self._transport.parse_json(VoicePage, answer)

    async def synthesize_with_timestamps(self, utterance: SpeechRequest) -> AudioWithTimestamps:
        """Speak a text, whole, with the time of each character.

        Raises:
            VendorError: as for `synthesize`.
        """
        answer = await self._transport.send(self._speak("synthesize timed", "/with-timestamps", utterance))
        return self._transport.parse_json(AudioWithTimestamps, answer)

    async def stream_with_timestamps(self, utterance: SpeechRequest) -> AsyncIterator[AudioWithTimestamps]:
        """Speak a text; each piece of audio as it arrives, with the time of each of its characters.

        Raises:
            VendorError: before the first piece; also while iterating.
            InvalidVendorResponse: a line is not what the contract says, or longer than `MAX_LINE`.
        """
        call = self._speak("stream timed", "/stream/with-timestamps", utterance)
        async with self._transport.stream(call) as pieces:
            async for line in _lines(pieces):
                yield self._transport.parse_json(
                    AudioWithTimestamps, VendorResponse(call.operation, 200, httpx.Headers(), line)
                )

    async def list_voices_v1(self) -> VoiceList:
        """All voices at once, in the vendor's older form."""
        return self._transport.parse_json(VoiceList, await self._get("all voices", "/v1/voices"))

    async def get_voice(self, voice_id: str) -> Voice:
        """One voice.

        Raises:
            NotFound: there is none.
        """
        return self._transport.parse_json(
            Voice, await self._get("voice", f"/v1/voices/{quote(voice_id, safe='')}")
        )

    async def list_models(self) -> list[Model]:
        """The models that can speak, with how long a text each of them takes."""
        return self._transport.parse_json(list[Model], await self._get("models", "/v1/models"))

    async def get_subscription(self) -> Subscription:
        """What was used of the plan's characters."""
        return self._transport.parse_json(
            Subscription, await self._get("subscription", "/v1/user/subscription")
        )

    async def list_history(self, *, page_size: int = 100, after: str | None = None) -> HistoryPage:
        """What was spoken, the newest first; `after` names the last item of the page before."""
        query = {"page_size": page_size, "start_after_history_item_id": after}
        return self._transport.parse_json(HistoryPage, await self._get("history", "/v1/history", query))

    async def _get(
        self, operation: str, path: str, query: Mapping[str, str | int | None] | None = None
    ) -> VendorResponse:
        return await self._transport.send(
            VendorRequest(
                operation=operation,
                method="GET",
                path=path,
                query=query or {},
                headers=self._headers(),
                idempotent=True,
            )
        )

    def _speak(self, operation: str, suffix: str, utterance: SpeechRequest) -> VendorRequest:
        body: dict[str, object] = {"text": utterance.text, "model_id": utterance.model_id}
        if utterance.language_code:
            body["language_code"] = utterance.language_code
        if utterance.speed is not None:
            body["voice_settings"] = {"speed": utterance.speed}
        return VendorRequest(
            operation=operation,
            method="POST",
            path=f"/v1/text-to-speech/{quote(utterance.voice_id, safe='')}{suffix}",
            query={"output_format": utterance.output_format},
            headers=self._headers(),
            json=body,
        )

    def _headers(self) -> dict[str, str]:
        return {"xi-api-key": self._key}


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Whole lines of a stream, the empty ones left out."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
        if len(rest) > MAX_LINE_BYTES:
            raise InvalidVendorResponse(VENDOR, "stream timed", status=200, fields=("line length",))
    if rest.strip():
        yield rest
