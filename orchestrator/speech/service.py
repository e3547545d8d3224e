"""Text to speech with an audio cache: each text is synthesized once as long as its audio is cached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping

from orchestrator.caching import CoalescingCache
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.replayable_stream import ReplayableStream
from orchestrator.resilience.deadline import detach_from_deadline, share_of_deadline
from orchestrator.speech.options import SpeechOptions
from orchestrator.speech.synthesis import Synthesizer
from orchestrator.speech.timed_audio import TimedAudio
from orchestrator.speech.voices import VoiceIds, primary_language, select_voices
from orchestrator.vendors.errors import VendorError

CACHE_MAX_BYTES = 64 * 1024 * 1024
CACHE_TTL_SECONDS = 3600.0
MAX_CACHED_AUDIO_BYTES = 4 * 1024 * 1024
"""Longer audio is not cached: four minutes of MP3, which no two callers want to hear."""
SpeechKey = tuple[str, SpeechOptions]


class SpeechService:
    """Synthesizes speech.

    Args:
        synthesizer: synthesizes at the vendor.
        voice_ids: the vendor's voices by language, and by language and kind.
        hotel_voice_ids: the same for single hotels, which precede those.
        clock: the current time in seconds.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        voice_ids: VoiceIds,
        hotel_voice_ids: Mapping[str, VoiceIds],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._synthesizer = synthesizer
        self._voice_ids = voice_ids
        self._hotel_voice_ids = hotel_voice_ids
        self._audio: CoalescingCache[SpeechKey, bytes] = CoalescingCache(
            max_size=CACHE_MAX_BYTES, ttl_seconds=CACHE_TTL_SECONDS, size_of=len, clock=clock
        )
        self._in_synthesis: dict[SpeechKey, ReplayableStream[bytes]] = {}
        # asyncio keeps no reference to a task
        self._tasks: set[asyncio.Task[None]] = set()

    def options(
        self,
        *,
        language: str,
        audio_format: str,
        hotel_id: str | None = None,
        voice: str | None = None,
        speed: float | None = None,
    ) -> SpeechOptions:
        """Return how a text is spoken.

        Args:
            language: a BCP 47 tag, of which the primary language is used.
            audio_format: a key of `AUDIO_FORMATS`.
            hotel_id: the hotel whose voices are used, if it has any.
            voice: `female`, `male` or a vendor's voice id; by default the voice of the language.
            speed: 0.7 to 1.2, where 1.0 is the voice's own.
        """
        language = primary_language(language)
        sources = [self._hotel_voice_ids.get(hotel_id or "", {}), self._voice_ids]
        return SpeechOptions(
            voices=select_voices(sources, language, voice),
            language=language,
            audio_format=audio_format,
            speed=speed,
        )

    async def stream(self, text: str, options: SpeechOptions) -> AsyncIterator[bytes]:
        """Return the audio as a stream. Its start is awaited here, so that an error of the vendor is raised here.

        Raises:
            VendorError: the vendor does not synthesize the text.
        """
        key = (text, options)
        if audio := self._audio.get(key):
            return _single_chunk(audio)
        if running := self._in_synthesis.get(key):
            await running.wait_for_start()
            return aiter(running)
        return self._cached(key, await self._synthesizer.stream(text, options))

    async def stream_with_times(self, text: str, options: SpeechOptions) -> AsyncIterator[TimedAudio]:
        """Return the audio with the times of its characters as a stream, whose start is awaited here.

        Raises:
            VendorError: the vendor does not synthesize the text.
        """
        return await self._synthesizer.stream_with_times(text, options)

    def stream_pieces(
        self, texts: AsyncIterable[str], options: SpeechOptions, *, with_times: bool
    ) -> AsyncIterator[TimedAudio]:
        """Give the audio of a text that is still being written, as whole words.

        Raises:
            VendorError: while iterating.
        """
        return self._synthesizer.stream_pieces(texts, options, with_times=with_times)

    async def warm_cache(self, text: str, language: str, audio_format: str, hotel_id: str) -> None:
        """Begin to synthesize a text, and return when its audio has begun: the agent gets it while the rest is synthesized.

        Raises:
            DependencyUnavailableError: the vendor does not synthesize the text, or not within the event's deadline.
        """
        key = (text, self.options(language=language, audio_format=audio_format, hotel_id=hotel_id))
        if self._audio.get(key):
            return
        running = self._in_synthesis.get(key) or self._start_synthesis(key)
        try:
            # the synthesis goes on, for callers with the same text
            async with asyncio.timeout(share_of_deadline()):
                await running.wait_for_start()
        except (VendorError, TimeoutError) as error:
            raise DependencyUnavailableError("tts", type(error).__name__) from error

    def _start_synthesis(self, key: SpeechKey) -> ReplayableStream[bytes]:
        stream = self._in_synthesis[key] = ReplayableStream()
        task = asyncio.create_task(self._synthesize(key, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return stream

    async def _synthesize(self, key: SpeechKey, stream: ReplayableStream[bytes]) -> None:
        # the callers that share the audio have deadlines of their own
        detach_from_deadline()
        try:
            async for chunk in self._cached(key, await self._synthesizer.stream(*key)):
                stream.put(chunk)
            stream.end()
        # whatever it is, the reader of the stream gets it
        except Exception as error:  # noqa: BLE001
            stream.end(error)
        finally:
            del self._in_synthesis[key]

    async def _cached(self, key: SpeechKey, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Give the chunks, and cache them if they are not too long."""
        audio = bytearray()
        async for chunk in chunks:
            if len(audio) <= MAX_CACHED_AUDIO_BYTES:
                audio += chunk
            yield chunk
        # not reached if the stream breaks off, so that only complete audio is cached
        if len(audio) <= MAX_CACHED_AUDIO_BYTES:
            self._audio.put(key, bytes(audio))


async def _single_chunk(audio: bytes) -> AsyncIterator[bytes]:
    yield audio
