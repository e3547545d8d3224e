"""The operations of ElevenLabs' API that the orchestrator uses."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx

from orchestrator.observability.correlation import CORRELATION_ID_HEADER, safe_correlation_id
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.failure_log import log_failure
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.tts.errors import parse_error
from orchestrator.vendors.tts.models import AudioWithTimestamps, Subscription, VoicePage
from orchestrator.vendors.tts.stream_input import OPERATION as STREAM_INPUT
from orchestrator.vendors.tts.stream_input import AudioChunk, connect_speech, speech_chunks

VENDOR, AUDIO = "tts", "audio/"
DEFAULT_FORMAT = "mp3_44100_128"
VOICES_PAGE_SIZE = 100
"""The largest page of voices."""
MODEL = "eleven_flash_v2_5"
"""The vendor's model with the lowest latency; it accepts a language, as only this one and turbo v2.5 do."""
MAX_LINE_BYTES = 4 * 1024 * 1024
"""The longest line of a stream with timestamps that is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """A text to synthesize, and how.

    Args:
        text: up to 40,000 characters.
        voice_id: the vendor's id of the voice.
        output_format: codec, sample rate and bit rate, such as `mp3_44100_128` or `ulaw_8000` (telephony).
        language_code: ISO 639-1.
        speed: 0.7 to 1.2; 1.0 is the voice's default.
    """

    text: str
    voice_id: str
    language_code: str
    output_format: str = DEFAULT_FORMAT
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

    def stream(self, speech: SpeechRequest) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Synthesize a text and stream the audio in chunks as they arrive.

        Raises:
            VendorError: before the first chunk; also while iterating, if the response breaks off. `code` distinguishes an
                exhausted quota (`quota_exceeded`) from a wrong key (`invalid_api_key`).
        """
        return self._client.stream(self._synthesis_request("stream", "/stream", speech, AUDIO))

    @asynccontextmanager
    async def stream_with_timestamps(
        self, speech: SpeechRequest
    ) -> AsyncIterator[AsyncIterator[AudioWithTimestamps]]:
        """Synthesize a text and stream the audio in chunks, each with the times of its characters.

        Raises:
            VendorError: before the first chunk; also while iterating.
            InvalidVendorResponse: a line is not valid, or longer than `MAX_LINE_BYTES`.
        """
        request = self._synthesis_request("stream timed", "/stream/with-timestamps", speech)
        async with self._client.stream(request) as chunks:
            yield self._parse_lines(chunks, request.operation)

    @asynccontextmanager
    async def stream_input(
        self,
        texts: AsyncIterable[str],
        *,
        voice_id: str,
        language_code: str | None = None,
        output_format: str = DEFAULT_FORMAT,
        with_times: bool = False,
    ) -> AsyncIterator[AsyncIterator[AudioChunk]]:
        """Synthesize a text that is still being written and stream the audio in chunks as they arrive.

        The handshake passes the vendor's guard like every request.

        Raises:
            VendorError: the vendor cannot be reached or rejects the request; also while iterating.
        """
        query = {"model_id": MODEL, "output_format": output_format}
        if language_code:
            query["language_code"] = language_code
        if with_times:
            query["sync_alignment"] = "true"
        path = f"/v1/text-to-speech/{quote(voice_id, safe='')}/stream-input"
        request = VendorRequest(operation=STREAM_INPUT, method="GET", path=path, query=query)
        url = f"{self._websocket_url}{path}?{urlencode(query)}"
        headers = self._headers()
        if current := safe_correlation_id():
            headers[CORRELATION_ID_HEADER] = current
        socket = await self._client.run(request, lambda: connect_speech(url, headers, self._io_timeout))
        async with speech_chunks(socket, texts, self._io_timeout) as chunks:
            yield _log_failures(chunks)

    async def search_voices(self, *, page_token: str | None = None) -> VoicePage:
        """Return one page of the account's voices, the first one without a token."""
        request = VendorRequest(
            operation="voices",
            method="GET",
            path="/v2/voices",
            query={"page_size": VOICES_PAGE_SIZE, "next_page_token": page_token},
            headers=self._headers(),
            idempotent=True,
        )
        return await self._client.send_and_parse(VoicePage, request)

    async def get_subscription(self) -> Subscription:
        """Return the characters that the plan includes, and those used of them."""
        request = VendorRequest(
            operation="subscription",
            method="GET",
            path="/v1/user/subscription",
            headers=self._headers(),
            idempotent=True,
        )
        return await self._client.send_and_parse(Subscription, request)

    async def _parse_lines(
        self, chunks: AsyncIterator[bytes], operation: str
    ) -> AsyncIterator[AudioWithTimestamps]:
        is_empty = True
        async for line in _split_lines(chunks):
            is_empty = False
            yield self._parse_line(operation, line)
        # a text of any length has at least one chunk
        if is_empty:
            self._parse_line(operation, b"")

    def _parse_line(self, operation: str, line: bytes) -> AudioWithTimestamps:
        response = VendorResponse(operation, 200, httpx.Headers(), line)
        with log_failure():
            return self._client.parse_json(AudioWithTimestamps, response)

    def _synthesis_request(
        self, operation: str, suffix: str, speech: SpeechRequest, media_type: str = ""
    ) -> VendorRequest:
        body: dict[str, object] = {
            "text": speech.text,
            "model_id": MODEL,
            "language_code": speech.language_code,
        }
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


async def _log_failures(chunks: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    with log_failure():
        async for chunk in chunks:
            yield chunk


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
