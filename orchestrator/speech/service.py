"""Speech: each text once from the vendor, then from memory; and handed to the agent in a call's room."""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack

from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient

AUDIO_FORMATS: Mapping[str, tuple[str, str]] = {
    "mp3": ("mp3_44100_128", "audio/mpeg"),
    "pcm": ("pcm_16000", "audio/pcm"),
    "ulaw": ("ulaw_8000", "audio/basic"),
    "opus": ("opus_48000_64", "audio/opus"),
}
"""The vendor's format, and the media type we answer with."""
TELEPHONY_FORMAT = "ulaw"
CACHE_MAX_BYTES = 64 * 1024 * 1024
CACHE_TTL_SECONDS = 3600.0
SPEECH_DATA_TOPIC = "speech"


class SpeechService:
    """Speaks.

    Args:
        tts: the vendor.
        livekit: the telephone.
        voices: the vendor's voice by language; that of `en` is for all others.
        clock: in seconds.
    """

    def __init__(
        self,
        tts: TtsClient,
        livekit: LiveKitClient,
        voices: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tts = tts
        self._livekit = livekit
        self._voices = voices
        self._clock = clock
        self._kept: OrderedDict[SpeechRequest, tuple[float, bytes]] = OrderedDict()
        self._size = 0
        self._asked: dict[SpeechRequest, asyncio.Task[bytes]] = {}

    def build_request(
        self,
        text: str,
        *,
        language: str,
        voice: str | None = None,
        audio_format: str,
        speed: float | None = None,
    ) -> SpeechRequest:
        """What is asked of the vendor: the voice is the language's, if none is wanted."""
        return SpeechRequest(
            text=text,
            voice_id=voice or self._voices.get(language) or self._voices["en"],
            output_format=AUDIO_FORMATS[audio_format][0],
            language_code=language,
            speed=speed,
        )

    async def stream(self, utterance: SpeechRequest) -> AsyncIterator[bytes]:
        """The audio, each piece as soon as it is there. The first piece is awaited here, so that a failure is known.

        Raises:
            VendorError: the vendor does not speak.
        """
        if kept := self._cached(utterance):
            return _single_chunk(kept)
        stack = AsyncExitStack()
        pieces = await stack.enter_async_context(self._tts.stream(utterance))
        return self._stream_and_cache(utterance, stack, pieces)

    async def warm_cache(self, text: str, language: str) -> None:
        """Have the audio of a text ready for when the agent fetches it.

        Raises:
            VendorError: the vendor does not speak.
        """
        await self._synthesize_shared(
            self.build_request(text, language=language, audio_format=TELEPHONY_FORMAT)
        )

    async def send_to_agent(self, room: str, text: str, language: str) -> None:
        """Tell the agent in the room what to say: it fetches the audio, or reads the text itself.

        Raises:
            VendorError: the room does not take it.
        """
        said = json.dumps({"text": text, "language": language, "format": TELEPHONY_FORMAT})
        await self._livekit.send_data(room, said.encode(), topic=SPEECH_DATA_TOPIC)

    async def _synthesize_shared(self, utterance: SpeechRequest) -> bytes:
        """The whole audio; of several who ask at a time, one asks the vendor."""
        if kept := self._cached(utterance):
            return kept
        task = self._asked.get(utterance)
        if task is None:
            task = self._asked[utterance] = asyncio.ensure_future(self._synthesized(utterance))
            task.add_done_callback(lambda _: self._asked.pop(utterance, None))
        return await asyncio.shield(task)

    async def _synthesized(self, utterance: SpeechRequest) -> bytes:
        audio = (await self._tts.synthesize(utterance)).audio
        self._store(utterance, audio)
        return audio

    async def _stream_and_cache(
        self, utterance: SpeechRequest, stack: AsyncExitStack, pieces: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        audio = bytearray()
        async with stack:
            async for piece in pieces:
                audio += piece
                yield piece
        self._store(utterance, bytes(audio))

    def _cached(self, utterance: SpeechRequest) -> bytes | None:
        expires, audio = self._kept.get(utterance, (0.0, b""))
        return audio if expires > self._clock() else None

    def _store(self, utterance: SpeechRequest, audio: bytes) -> None:
        self._evict(utterance)
        self._kept[utterance] = (self._clock() + CACHE_TTL_SECONDS, audio)
        self._size += len(audio)
        while self._size > CACHE_MAX_BYTES:
            self._evict(next(iter(self._kept)))

    def _evict(self, utterance: SpeechRequest) -> None:
        _, audio = self._kept.pop(utterance, (0.0, b""))
        self._size -= len(audio)


async def _single_chunk(audio: bytes) -> AsyncIterator[bytes]:
    yield audio
