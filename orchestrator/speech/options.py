"""How a text is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

AUDIO_FORMATS: Mapping[str, tuple[str, str]] = {
    "mp3": ("mp3_44100_128", "audio/mpeg"),
    "pcm": ("pcm_16000", "audio/pcm"),
    "ulaw": ("ulaw_8000", "audio/basic"),
    "opus": ("opus_48000_64", "audio/opus"),
}
"""The vendor's name and the media type of each format that clients can request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechOptions:
    """How a text is spoken.

    Args:
        voices: the vendor's ids of the voices, the preferred one first.
        language: ISO 639-1.
        audio_format: a key of `AUDIO_FORMATS`.
        speed: 0.7 to 1.2, where 1.0 is the voice's own.
    """

    voices: tuple[str, ...]
    language: str
    audio_format: str
    speed: float | None = None

    @property
    def output_format(self) -> str:
        """The vendor's name of the format."""
        return AUDIO_FORMATS[self.audio_format][0]
