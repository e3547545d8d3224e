"""Text to speech with an audio cache: each text is synthesized once as long as its audio is cached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack

from orchestrator.caching import CoalescingCache
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.resilience.deadline import share_of_deadline
from orchestrator.speech.voices import primary_language, select_voice
from orchestrator.vendors.errors import VendorError
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient

AUDIO_FORMATS: Mapping[str, tuple[str, str]] = {
    "mp3": ("mp3_44100_128", "audio/mpeg"),
    "pcm": ("pcm_16000", "audio/pcm"),
    "ulaw": ("ulaw_8000", "audio/basic"),
    "opus": ("opus_48000_64", "audio/opus"),
}
"""The vendor's name and the media type of each format that clients can request."""
CACHE_MAX_BYTES = 64 * 1024 * 1024
CACHE_TTL_SECONDS = 3600.0


class SpeechService:
    """Synthesizes speech.

    Args:
        tts: the client of the TTS vendor.
        voice_ids: the vendor's voice by language, and by language and kind (see `voices.select_voice`).
        clock: the current time in seconds.
    """

    def __init__(
        self, tts: TtsClient, voice_ids: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tts = tts
        self._voice_ids = voice_ids
        self._audio: CoalescingCache[SpeechRequest, bytes] = CoalescingCache(
            max_size=CACHE_MAX_BYTES, ttl_seconds=CACHE_TTL_SECONDS, size_of=len, clock=clock
        )

    def build_request(
        self,
        text: str,
        *,
        language: str,
        voice: str | None = None,
        audio_format: str,
        speed: float | None = None,
    ) -> SpeechRequest:
        """Return the vendor request for a text.

        Args:
            text: the text to speak.
            language: a BCP 47 tag, of which the primary language is used.
            voice: `female`, `male` or a vendor's voice id; by default the voice of the language.
            audio_format: a key of `AUDIO_FORMATS`.
            speed: 0.7 to 1.2, where 1.0 is the voice's own.
        """
        language = primary_language(language)
        return SpeechRequest(
            text=text,
            voice_id=select_voice(self._voice_ids, language, voice),
            output_format=AUDIO_FORMATS[audio_format][0],
            language_code=language,
            speed=speed,
        )

    async def stream(self, request: SpeechRequest) -> AsyncIterator[bytes]:
        """Return the audio as a stream. The response headers are awaited here, so that an error of the vendor is raised here.

        Raises:
            VendorError: the vendor does not synthesize the text.
        """
        if audio := self._audio.get(request):
            return _single_chunk(audio)
        # the vendor's stream is closed by the generator that is returned, not here
        stack = AsyncExitStack()
        chunks = await stack.enter_async_context(self._tts.stream(request))
        return self._stream_and_cache(request, stack, chunks)

    async def warm_cache(self, text: str, language: str, audio_format: str) -> None:
        """Synthesize a text, so that the audio is ready when the agent requests it.

        Raises:
            DependencyUnavailableError: the vendor does not synthesize the text, or not within the event's deadline.
        """
        request = self.build_request(text, language=language, audio_format=audio_format)

        async def synthesize() -> bytes:
            return (await self._tts.synthesize(request)).audio

        try:
            # the synthesis goes on, for callers with the same text
            async with asyncio.timeout(share_of_deadline()):
                await self._audio.get_or_fetch(request, synthesize)
        except (VendorError, TimeoutError) as error:
            raise DependencyUnavailableError("tts", type(error).__name__) from error

    async def _stream_and_cache(
        self, request: SpeechRequest, stack: AsyncExitStack, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        audio = bytearray()
        async with stack:
            async for chunk in chunks:
                audio += chunk
                yield chunk
        # not reached if the stream breaks off, so that only complete audio is cached
        self._audio.put(request, bytes(audio))


async def _single_chunk(audio: bytes) -> AsyncIterator[bytes]:
    yield audio
