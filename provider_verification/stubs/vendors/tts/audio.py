"""Decodable audio in each of the vendor's formats: a quiet tone or silence, as long as the text takes to say."""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Iterator

MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "ulaw": "audio/ulaw",
    "alaw": "audio/alaw",
    "opus": "audio/opus",
}
"""Media type by codec. UNCONFIRMED: the vendor's spec has audio/mpeg only; the others are those of responses of September
2026 that another project published."""

OUTPUT_FORMATS = (
    *("mp3_22050_32", "mp3_24000_48", "mp3_44100_32", "mp3_44100_64", "mp3_44100_96", "mp3_44100_128"),
    "mp3_44100_192",
    *(
        f"{codec}_{rate}"
        for codec in ("pcm", "wav")
        for rate in (8000, 16000, 22050, 24000, 32000, 44100, 48000)
    ),
    *("ulaw_8000", "alaw_8000"),
    *(f"opus_48000_{bitrate}" for bitrate in (32, 64, 96, 128, 192)),
)
"""UNCONFIRMED: the formats that the vendor's error for another one lists (published by another project, September 2026)."""

UNMODELLED_FORMATS = ("m4a_aac_44100_128",)
"""Further ones in that list."""

SECONDS_PER_CHARACTER = 0.06
MIN_SECONDS, MAX_SECONDS = 0.3, 120.0
"""The stub's longest audio: that of 40,000 characters would take minutes to make."""

TONE_HZ, TONE_AMPLITUDE = 220, 2_000
MPEG1_BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
MPEG2_BITRATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
MPEG_VERSION_AND_RATE_INDEX = {
    44100: (True, 0),
    48000: (True, 1),
    32000: (True, 2),
    22050: (False, 0),
    24000: (False, 1),
}
OPUS_SILENCE = bytes.fromhex("f8fffe")
OPUS_FRAME_SECONDS = 0.02


def media_type_of(output_format: str) -> str:
    """The media type of a format such as `mp3_44100_128`."""
    return MEDIA_TYPES[output_format.partition("_")[0]]


def speech_seconds(text: str) -> float:
    """Duration of a spoken text, in seconds."""
    return min(MAX_SECONDS, max(MIN_SECONDS, len(text) * SECONDS_PER_CHARACTER))


def render_audio(text: str, output_format: str) -> bytes:
    """Audio of a text in a format such as `mp3_44100_128`. Raw PCM has no header, WAV has one."""
    codec, *numbers = output_format.split("_")
    rate, seconds = int(numbers[0]), speech_seconds(text)
    if codec == "mp3":
        return b"".join(_mp3_frames(rate, int(numbers[1]), seconds))
    if codec == "opus":
        return b"".join(_ogg_opus(seconds))
    bytes_per_sample = 1 if codec in {"ulaw", "alaw"} else 2
    size = int(rate * seconds) * bytes_per_sample
    second = _second_of_tone(codec, rate)
    samples = (second * (size // len(second) + 1))[:size]
    return _wav_header(rate, size) + samples if codec == "wav" else samples


@functools.cache
def _second_of_tone(codec: str, rate: int) -> bytes:
    """One second of the tone; it holds whole periods, so that repeating it gives the same tone."""
    step = 2 * math.pi * TONE_HZ / rate
    samples = [round(TONE_AMPLITUDE * math.sin(step * number)) for number in range(rate)]
    if codec in {"ulaw", "alaw"}:
        return bytes(map(_ulaw if codec == "ulaw" else _alaw, samples))
    return struct.pack(f"<{len(samples)}h", *samples)


def _wav_header(rate: int, size: int) -> bytes:
    """The RIFF header of 16-bit mono PCM of `size` bytes."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)


def _mp3_frames(rate: int, bitrate: int, seconds: float) -> Iterator[bytes]:
    """Silent MPEG layer III frames (mono): empty side information and main data decode to silence."""
    mpeg1, rate_index = MPEG_VERSION_AND_RATE_INDEX[rate]
    index = (MPEG1_BITRATES if mpeg1 else MPEG2_BITRATES).index(bitrate)
    header = bytes((0xFF, 0xFB if mpeg1 else 0xF3, index << 4 | rate_index << 2, 0xC4))
    samples = 1152 if mpeg1 else 576
    frame = header + bytes(samples // 8 * bitrate * 1000 // rate - len(header))
    for _ in range(math.ceil(seconds * rate / samples)):
        yield frame


def _ulaw(sample: int) -> int:
    """One sample in G.711 mu-law."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32_635) + 132
    exponent = max(magnitude.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF


def _alaw(sample: int) -> int:
    """One sample in G.711 A-law."""
    sign, magnitude = (0, -sample - 1) if sample < 0 else (0x80, sample)
    magnitude >>= 3
    exponent = max(magnitude.bit_length() - 5, 0)
    mantissa = magnitude >> (max(1, exponent)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def _ogg_opus(seconds: float) -> Iterator[bytes]:
    """Opus silence in an Ogg stream (RFC 7845): two header pages, then one page per second of audio."""
    yield _page(b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0), number=0, position=0, flags=2)
    yield _page(b"OpusTags" + struct.pack("<I", 4) + b"stub" + struct.pack("<I", 0), number=1, position=0)
    frames = math.ceil(seconds / OPUS_FRAME_SECONDS)
    for number, start in enumerate(range(0, frames, 50)):
        count = min(50, frames - start)
        last = start + count == frames
        position = round((start + count) * OPUS_FRAME_SECONDS * 48_000)
        yield _page(OPUS_SILENCE, number=number + 2, position=position, flags=4 if last else 0, packets=count)


def _page(packet: bytes, *, number: int, position: int, flags: int = 0, packets: int = 1) -> bytes:
    segments = bytes([len(packet)]) * packets
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, 1, number, 0) + bytes([packets])
    page = head + segments + packet * packets
    return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


def _crc(data: bytes) -> int:
    """Ogg's checksum (RFC 3533): CRC-32 with polynomial 04C11DB7, not reflected, initial value 0."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value
