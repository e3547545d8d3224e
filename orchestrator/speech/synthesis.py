"""Synthesis at the vendor: long texts in parts, another voice for one that is unavailable, nothing beyond the quota."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

from orchestrator.speech.options import SpeechOptions
from orchestrator.speech.quota import QuotaWatch
from orchestrator.speech.text_splitting import split_text
from orchestrator.speech.timed_audio import TimedAudio, follow, from_chunk
from orchestrator.speech.voices import VoiceAvailability
from orchestrator.vendors.errors import VendorError
from orchestrator.vendors.tts.client import SpeechRequest, TtsClient
from orchestrator.vendors.tts.errors import is_quota_exceeded, is_voice_unavailable

T = TypeVar("T")
OpenRequest = Callable[[SpeechRequest], AbstractAsyncContextManager[AsyncIterator[T]]]


class Synthesizer:
    """Synthesizes texts of any length.

    Args:
        tts: the client of the TTS vendor.
        quota: the characters that are left.
        voices: the voices that are unavailable.
        max_characters: the longest text of one request.
    """

    def __init__(
        self, tts: TtsClient, quota: QuotaWatch, voices: VoiceAvailability, max_characters: int
    ) -> None:
        self._tts = tts
        self._quota = quota
        self._voices = voices
        self._max_characters = max_characters

    async def stream(self, text: str, options: SpeechOptions) -> AsyncIterator[bytes]:
        """Return the audio as a stream, whose start is awaited here.

        Raises:
            VendorError: the vendor does not synthesize the text.
        """
        parts = await self._open(text, options, self._tts.stream)
        return (chunk async for _, chunk in parts)

    async def stream_with_times(self, text: str, options: SpeechOptions) -> AsyncIterator[TimedAudio]:
        """Return the audio with the times of its characters as a stream, whose start is awaited here.

        Raises:
            VendorError: the vendor does not synthesize the text.
        """
        return follow(await self._open(text, options, self._tts.stream_with_timestamps))

    async def stream_pieces(
        self, texts: AsyncIterable[str], options: SpeechOptions, *, with_times: bool
    ) -> AsyncIterator[TimedAudio]:
        """Give the audio of a text that is still being written.

        Args:
            texts: whole words; another voice needs them from the start again.
            options: how they are spoken.
            with_times: whether the times of the characters are given.

        Raises:
            VendorError: the vendor does not synthesize the text.
        """
        self._quota.require()
        *preferred, last = self._voices.usable(options.voices)
        for voice in preferred:
            is_silent = True
            try:
                async for audio in self._speak_pieces(texts, voice, options, with_times=with_times):
                    is_silent = False
                    yield audio
            except VendorError as error:
                if not is_silent or not is_voice_unavailable(error):
                    raise
                self._voices.mark_unavailable(voice, error)
            else:
                return
        async for audio in self._speak_pieces(texts, last, options, with_times=with_times):
            yield audio

    async def _speak_pieces(
        self, texts: AsyncIterable[str], voice: str, options: SpeechOptions, *, with_times: bool
    ) -> AsyncIterator[TimedAudio]:
        counted, seconds = _CountedTexts(texts), 0.0
        try:
            async with self._tts.stream_input(
                counted,
                voice_id=voice,
                language_code=options.language,
                output_format=options.output_format,
                with_times=with_times,
            ) as chunks:
                async for chunk in chunks:
                    audio = from_chunk(chunk, seconds)
                    seconds = audio.end_seconds(seconds)
                    yield audio
        except VendorError as error:
            self._record_refusal(error, counted.characters)
            raise

    async def _open(
        self, text: str, options: SpeechOptions, open_request: OpenRequest[T]
    ) -> AsyncIterator[tuple[int, T]]:
        """Open the stream of the first part; return the chunks of all parts, each with the number of its part."""
        first, *others = split_text(text, self._max_characters)
        # the vendor's stream is closed by the generator that is returned, not here
        stack = AsyncExitStack()
        voice, chunks = await self._open_first(stack, first, options, open_request)
        requests = (_request(part, voice, options) for part in others)

        async def all_chunks() -> AsyncIterator[tuple[int, T]]:
            async with stack:
                async for chunk in chunks:
                    yield 0, chunk
            for number, request in enumerate(requests, 1):
                async with self._open_part(request, open_request) as further_chunks:
                    async for chunk in further_chunks:
                        yield number, chunk

        return all_chunks()

    async def _open_first(
        self, stack: AsyncExitStack, text: str, options: SpeechOptions, open_request: OpenRequest[T]
    ) -> tuple[str, AsyncIterator[T]]:
        """Return the first of the voices that speaks, and its audio."""
        *preferred, last = self._voices.usable(options.voices)
        for voice in preferred:
            request = _request(text, voice, options)
            try:
                return voice, await stack.enter_async_context(self._open_part(request, open_request))
            except VendorError as error:
                if not is_voice_unavailable(error):
                    raise
                self._voices.mark_unavailable(voice, error)
        request = _request(text, last, options)
        return last, await stack.enter_async_context(self._open_part(request, open_request))

    @asynccontextmanager
    async def _open_part(
        self, request: SpeechRequest, open_request: OpenRequest[T]
    ) -> AsyncIterator[AsyncIterator[T]]:
        self._quota.require(len(request.text))
        try:
            async with open_request(request) as chunks:
                yield chunks
        except VendorError as error:
            self._record_refusal(error, len(request.text))
            raise

    def _record_refusal(self, error: VendorError, characters: int) -> None:
        if is_quota_exceeded(error):
            self._quota.record_refusal(characters)


class _CountedTexts:
    """Texts whose characters are counted as they are read."""

    def __init__(self, texts: AsyncIterable[str]) -> None:
        self._texts = texts
        self.characters = 0

    async def __aiter__(self) -> AsyncIterator[str]:
        async for text in self._texts:
            self.characters += len(text)
            yield text


def _request(text: str, voice: str, options: SpeechOptions) -> SpeechRequest:
    return SpeechRequest(
        text=text,
        voice_id=voice,
        language_code=options.language,
        output_format=options.output_format,
        speed=options.speed,
    )
