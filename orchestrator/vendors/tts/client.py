"""The operations of ElevenLabs' API that the orchestrator uses."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.tts.errors import parse_error
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

VENDOR, AUDIO = "tts", "audio/"
DEFAULT_FORMAT = "mp3_44100_128"
DEFAULT_MODEL = "eleven_flash_v2_5"
MAX_LINE_BYTES = 4 * 1024 * 1024
"""The longest line of a stream with timestamps that is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """A text to synthesize, and how.

    Args:
        text: up to 40,000 characters with the flash and turbo 2.5 models, 10,000 with multilingual v2.
        voice_id: the vendor's id of the voice.
        model_id: the vendor's model; the flash model has the lowest latency.
        output_format: codec, sample rate and bit rate, such as `mp3_44100_128` or `ulaw_8000` (telephony).
        language_code: ISO 639-1; only the turbo and flash 2.5 models accept one.
        speed: 0.7 to 1.2; 1.0 is the voice's default.
    """

    text: str
    voice_id: str
    model_id: str = DEFAULT_MODEL
    output_format: str = DEFAULT_FORMAT
    language_code: str | None = None
    speed: float | None = None


class TtsClient:
    """A client of the TTS vendor.

    Args:
        base_url: the address of the API.
        api_key: returns the key that is valid now, which is sent as `xi-api-key`.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.
    """

    def __init__(
        self, *, base_url: str, api_key: Callable[[], str], http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._api_key = api_key
        # also turns https into wss
        self._websocket_url = "ws" + base_url.removeprefix("http").rstrip("/")
        self._io_timeout = policy.attempt_timeout
        self._client = VendorHttpClient(
            vendor=VENDOR, base_url=base_url, http=http, policy=policy, parse_error=parse_error
        )

    async def synthesize(self, speech: SpeechRequest) -> SynthesizedAudio:
        """Synthesize a text and return the complete audio.

        Raises:
            VendorError: `code` distinguishes an exhausted quota (`quota_exceeded`) from a wrong key (`invalid_api_key`).
        """
        response = await self._client.send(self._synthesis_request("synthesize", "", speech, AUDIO))
        cost = response.headers.get("character-cost")
        media_type = response.headers.get("content-type", "application/octet-stream")
        return SynthesizedAudio(response.body, media_type, int(cost) if cost and cost.isdecimal() else None)

    def stream(self, speech: SpeechRequest) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Synthesize a text and stream the audio in chunks as they arrive.

        Raises:
            VendorError: before the first chunk; also while iterating, if the response breaks off.
        """
        return self._client.stream(self._synthesis_request("stream", "/stream", speech, AUDIO))

    def stream_input(
        self,
        texts: AsyncIterable[str],
        *,
        voice_id: str,
        model_id: str = DEFAULT_MODEL,
        output_format: str = DEFAULT_FORMAT,
    ) -> AbstractAsyncContextManager[AsyncIterator[AudioChunk]]:
        """Synthesize a text that is still being written and stream the audio in chunks as they arrive.

        Raises:
            VendorError: the vendor cannot be reached or rejects the request; also while iterating.
        """
        query = urlencode({"model_id": model_id, "output_format": output_format, "sync_alignment": "true"})
        path = f"/v1/text-to-speech/{quote(voice_id, safe='')}/stream-input"
        return open_speech_stream(
            f"{self._websocket_url}{path}?{query}", self._headers(), texts, self._io_timeout
        )

    async def search_voices(self, *, page_size: int = 100, page_token: str | None = None) -> VoicePage:
        """Return one page of the available voices; `page_size` is at most 100."""
        response = await self._client.send(
            VendorRequest(
                operation="voices",
                method="GET",
                path="/v2/voices",
                query={"page_size": page_size, "next_page_token": page_token},
                headers=self._headers(),
                idempotent=True,
            )
        )
        return self._client.parse_json(VoicePage, response)

    async def synthesize_with_timestamps(self, speech: SpeechRequest) -> AudioWithTimestamps:
        """Synthesize a text and return the complete audio with the time of each character.

        Raises:
            VendorError: as for `synthesize`.
        """
        response = await self._client.send(
            self._synthesis_request("synthesize timed", "/with-timestamps", speech)
        )
        return self._client.parse_json(AudioWithTimestamps, response)

    async def stream_with_timestamps(self, speech: SpeechRequest) -> AsyncIterator[AudioWithTimestamps]:
        """Synthesize a text and stream the audio in chunks, each with the times of its characters.

        Raises:
            VendorError: before the first chunk; also while iterating.
            InvalidVendorResponse: a line is not valid, or longer than `MAX_LINE_BYTES`.
        """
        request = self._synthesis_request("stream timed", "/stream/with-timestamps", speech)
        is_empty = True
        async with self._client.stream(request) as chunks:
            async for line in _split_lines(chunks):
                is_empty = False
                yield self._client.parse_json(
                    AudioWithTimestamps, VendorResponse(request.operation, 200, httpx.Headers(), line)
                )
        # a text of any length has at least one chunk
        if is_empty:
            self._client.parse_json(
                AudioWithTimestamps, VendorResponse(request.operation, 200, httpx.Headers(), b"")
            )

    async def list_voices_v1(self) -> VoiceList:
        """Return all voices at once, in the form of version 1 of the API."""
        return self._client.parse_json(VoiceList, await self._get("all voices", "/v1/voices"))

    async def get_voice(self, voice_id: str) -> Voice:
        """Return one voice.

        Raises:
            NotFound: the voice does not exist.
        """
        return self._client.parse_json(
            Voice, await self._get("voice", f"/v1/voices/{quote(voice_id, safe='')}")
        )

    async def list_models(self) -> list[Model]:
        """Return the models, with the longest text that each accepts."""
        return self._client.parse_json(list[Model], await self._get("models", "/v1/models"))

    async def get_subscription(self) -> Subscription:
        """Return the plan and the characters used of it."""
        return self._client.parse_json(Subscription, await self._get("subscription", "/v1/user/subscription"))

    async def list_history(self, *, page_size: int = 100, after: str | None = None) -> HistoryPage:
        """Return one page of the synthesized texts, newest first; `after` is the last item of the previous page."""
        query = {"page_size": page_size, "start_after_history_item_id": after}
        return self._client.parse_json(HistoryPage, await self._get("history", "/v1/history", query))

    async def _get(
        self, operation: str, path: str, query: Mapping[str, str | int | None] | None = None
    ) -> VendorResponse:
        return await self._client.send(
            VendorRequest(
                operation=operation,
                method="GET",
                path=path,
                query=query or {},
                headers=self._headers(),
                idempotent=True,
            )
        )

    def _synthesis_request(
        self, operation: str, suffix: str, speech: SpeechRequest, media_type: str = ""
    ) -> VendorRequest:
        body: dict[str, object] = {"text": speech.text, "model_id": speech.model_id}
        if speech.language_code:
            body["language_code"] = speech.language_code
        if speech.speed is not None:
            body["voice_settings"] = {"speed": speech.speed}
        # not idempotent: ElevenLabs has no idempotency key and charges for each synthesis
        return VendorRequest(
            operation=operation,
            method="POST",
            media_type=media_type,
            path=f"/v1/text-to-speech/{quote(speech.voice_id, safe='')}{suffix}",
            # ElevenLabs reads the format from the query, not from the body
            query={"output_format": speech.output_format},
            headers=self._headers(),
            json=body,
        )

    def _headers(self) -> dict[str, str]:
        return {"xi-api-key": self._api_key()}


async def _split_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give the complete lines of a stream, without empty ones."""
    incomplete_line = b""
    async for chunk in chunks:
        *lines, incomplete_line = (incomplete_line + chunk).split(b"\n")
        for line in filter(bytes.strip, lines):
            yield line
        if len(incomplete_line) > MAX_LINE_BYTES:
            raise InvalidVendorResponse(VENDOR, "stream timed", status=200, fields=("line length",))
    # the last line may have no line break
    if incomplete_line.strip():
        yield incomplete_line
