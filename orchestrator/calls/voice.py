"""Speech: each text once from the vendor, then from memory; and handed to the agent in a call's room."""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack

from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.tts.client import TtsClient, Utterance

FORMATS: Mapping[str, tuple[str, str]] = {
    "mp3": ("mp3_44100_128", "audio/mpeg"),
    "pcm": ("pcm_16000", "audio/pcm"),
    "ulaw": ("ulaw_8000", "audio/basic"),
    "opus": ("opus_48000_64", "audio/opus"),
}
"""The vendor's format, and the media type we answer with."""
TELEPHONE = "ulaw"
CACHE_BYTES = 64 * 1024 * 1024
CACHE_SECONDS = 3600.0
TOPIC = "speech"


class Voice:
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
        self._kept: OrderedDict[Utterance, tuple[float, bytes]] = OrderedDict()
        self._size = 0
        self._asked: dict[Utterance, asyncio.Task[bytes]] = {}

    def utterance(
        self, text: str, *, language: str, voice: str | None = None, form: str, speed: float | None = None
    ) -> Utterance:
        """What is asked of the vendor: the voice is the language's, if none is wanted."""
        return Utterance(
            text=text,
            voice_id=voice or self._voices.get(language) or self._voices["en"],
            output_format=FORMATS[form][0],
            language_code=language,
            speed=speed,
        )

    async def stream(self, utterance: Utterance) -> AsyncIterator[bytes]:
        """The audio, each piece as soon as it is there. The first piece is awaited here, so that a failure is known.

        Raises:
            VendorError: the vendor does not speak.
        """
        if kept := self._known(utterance):
            return _pieces_of(kept)
        stack = AsyncExitStack()
        pieces = await stack.enter_async_context(self._tts.stream(utterance))
        return self._passed_on(utterance, stack, pieces)

    async def prepare(self, text: str, language: str) -> None:
        """Have the audio of a text ready for when the agent fetches it.

        Raises:
            VendorError: the vendor does not speak.
        """
        await self._audio(self.utterance(text, language=language, form=TELEPHONE))

    async def say(self, room: str, text: str, language: str) -> None:
        """Tell the agent in the room what to say: it fetches the audio, or reads the text itself.

        Raises:
            VendorError: the room does not take it.
        """
        said = json.dumps({"text": text, "language": language, "format": TELEPHONE})
        await self._livekit.send_data(room, said.encode(), topic=TOPIC)

    async def _audio(self, utterance: Utterance) -> bytes:
        """The whole audio; of several who ask at a time, one asks the vendor."""
        if kept := self._known(utterance):
            return kept
        task = self._asked.get(utterance)
        if task is None:
            task = self._asked[utterance] = asyncio.ensure_future(self._synthesized(utterance))
            task.add_done_callback(lambda _: self._asked.pop(utterance, None))
        return await asyncio.shield(task)

    async def _synthesized(self, utterance: Utterance) -> bytes:
        audio = (await self._tts.synthesize(utterance)).audio
        self._keep(utterance, audio)
        return audio

    async def _passed_on(
        self, utterance: Utterance, stack: AsyncExitStack, pieces: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        audio = bytearray()
        async with stack:
            async for piece in pieces:
                audio += piece
                yield piece
        self._keep(utterance, bytes(audio))

    def _known(self, utterance: Utterance) -> bytes | None:
        expires, audio = self._kept.get(utterance, (0.0, b""))
        return audio if expires > self._clock() else None

    def _keep(self, utterance: Utterance, audio: bytes) -> None:
        self._drop(utterance)
        self._kept[utterance] = (self._clock() + CACHE_SECONDS, audio)
        self._size += len(audio)
        while self._size > CACHE_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, utterance: Utterance) -> None:
        _, audio = self._kept.pop(utterance, (0.0, b""))
        self._size -= len(audio)


async def _pieces_of(audio: bytes) -> AsyncIterator[bytes]:
    yield audio
