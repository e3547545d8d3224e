"""Audio with the times of its characters, for captions and to know how much was spoken when a guest interrupts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from dataclasses import dataclass

from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.tts.models import AudioWithTimestamps
from orchestrator.vendors.tts.stream_input import AudioChunk


@dataclass(frozen=True, slots=True)
class TimedAudio:
    """A chunk of audio.

    Args:
        audio: the bytes, in the requested format.
        characters: the characters that are spoken in it; empty if the vendor does not say.
        starts: when each one begins, in seconds from the start of the whole text.
        ends: when each one ends.
    """

    audio: bytes
    characters: tuple[str, ...] = ()
    starts: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()

    def end_seconds(self, default: float) -> float:
        """Return when the last character ends, or the default without characters."""
        return self.ends[-1] if self.ends else default


def from_chunk(chunk: AudioChunk, start_seconds: float) -> TimedAudio:
    """Return a chunk of the WebSocket, whose times are in ms from the start of the chunk.

    Args:
        chunk: the vendor's.
        start_seconds: when the chunk begins: at the end of the last character before it.
    """
    alignment = chunk.alignment
    if alignment is None:
        return TimedAudio(chunk.audio)
    times = list(zip(alignment.starts, alignment.durations, strict=False))
    return TimedAudio(
        chunk.audio,
        tuple(alignment.chars),
        tuple(_rounded(start_seconds + start / 1000) for start, _ in times),
        tuple(_rounded(start_seconds + (start + duration) / 1000) for start, duration in times),
    )


async def follow(chunks: AsyncIterator[tuple[int, AudioWithTimestamps]]) -> AsyncIterator[TimedAudio]:
    """Give the chunks of the parts of a text; the times of a part follow those of the part before.

    Args:
        chunks: each with the number of its part; the vendor's times count from the start of the part.
    """
    part, part_start, end = 0, 0.0, 0.0
    async for number, chunk in chunks:
        if number != part:
            part, part_start = number, end
        audio = _from_line(chunk, part_start)
        end = audio.end_seconds(end)
        yield audio


def _from_line(chunk: AudioWithTimestamps, start_seconds: float) -> TimedAudio:
    audio = _decode(chunk.audio_base64)
    alignment = chunk.alignment
    if alignment is None:
        return TimedAudio(audio)
    return TimedAudio(
        audio,
        tuple(alignment.characters),
        tuple(_rounded(start_seconds + time) for time in alignment.character_start_times_seconds),
        tuple(_rounded(start_seconds + time) for time in alignment.character_end_times_seconds),
    )


def _decode(audio: str) -> bytes:
    try:
        return base64.b64decode(audio, validate=True)
    except binascii.Error:
        raise InvalidVendorResponse("tts", "stream timed", status=200, fields=("audio_base64",)) from None


def _rounded(seconds: float) -> float:
    # to milliseconds: sums of floating-point numbers have digits that mean nothing
    return round(seconds, 3)
