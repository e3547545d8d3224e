"""Text to speech: checks the vendor makes, and real audio."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.audio import (
    MEDIA_TYPES,
    SECONDS_PER_CHARACTER,
    codec_of,
    render_audio,
)
from provider_verification.stubs.vendors.tts.hooks import business_error
from provider_verification.stubs.vendors.tts.state import TtsState

DEFAULT_FORMAT = "mp3_44100_128"
CHUNK_BYTES = 4096
CHARACTERS_PER_LINE = 50
MAX_CHARACTERS_BY_MODEL = {
    "eleven_multilingual_v2": 10_000,
    "eleven_turbo_v2": 30_000,
    "eleven_flash_v2": 30_000,
}
DEFAULT_MAX_CHARACTERS = 40_000
MODELS_WITH_LANGUAGE_CODE = {"eleven_turbo_v2_5", "eleven_flash_v2_5"}


@stub.operation("convert")
def synthesize(studio: TtsState, call: StubRequest) -> StubResponse:
    """The whole audio at once."""
    refusal = _refusal(studio, call)
    return refusal or StubResponse(200, *_spoken(studio, call))


@stub.operation("stream")
def stream(studio: TtsState, call: StubRequest) -> StubResponse:
    """The audio in pieces, without a length."""
    refusal = _refusal(studio, call)
    if refusal:
        return refusal
    audio, headers, media_type = _spoken(studio, call)
    return StubResponse(200, _pieces(audio), headers, media_type)


@stub.operation("convertWithTimestamps")
def convert_with_timestamps(studio: TtsState, call: StubRequest) -> StubResponse:
    """The audio in base64, and when each character is said."""
    refusal = _refusal(studio, call)
    if refusal:
        return refusal
    audio, headers, _ = _spoken(studio, call)
    return StubResponse(200, _timed(audio, call.body["text"], 0.0), headers)


@stub.operation("streamWithTimestamps")
def stream_with_timestamps(studio: TtsState, call: StubRequest) -> StubResponse:
    """The same in pieces, a JSON object a line; a piece's times are counted from the beginning."""
    refusal = _refusal(studio, call)
    if refusal:
        return refusal
    _, headers, _ = _spoken(studio, call)
    return StubResponse(
        200, _lines(call.body["text"], call.query.get("output_format", DEFAULT_FORMAT)), headers
    )


async def _lines(text: str, output_format: str) -> AsyncIterator[bytes]:
    for start in range(0, len(text), CHARACTERS_PER_LINE):
        part = text[start : start + CHARACTERS_PER_LINE]
        line = _timed(render_audio(part, output_format), part, start * SECONDS_PER_CHARACTER)
        yield json.dumps(line).encode() + b"\n"


def _timed(audio: bytes, text: str, start: float) -> dict[str, Any]:
    starts = [round(start + number * SECONDS_PER_CHARACTER, 3) for number in range(len(text) + 1)]
    alignment = {
        "characters": list(text),
        "character_start_times_seconds": starts[:-1],
        "character_end_times_seconds": starts[1:],
    }
    encoded = base64.b64encode(audio).decode()
    return {"audio_base64": encoded, "alignment": alignment, "normalized_alignment": alignment}


def _refusal(studio: TtsState, call: StubRequest) -> StubResponse | None:
    """What the vendor has against the request, if anything."""
    voice = studio.voices.get(call.path_params["voice_id"])
    text, model = call.body["text"], call.body.get("model_id", "eleven_multilingual_v2")
    if voice is None:
        return business_error(400, "voice_not_found", "there is no such voice")
    if voice["available_for_tiers"]:
        return business_error(402, "paid_plan_required", "the voice needs another plan", newer=True)
    if len(text) > MAX_CHARACTERS_BY_MODEL.get(model, DEFAULT_MAX_CHARACTERS):
        return business_error(400, "max_character_limit_exceeded", "the text is too long for the model")
    if call.body.get("language_code") and model not in MODELS_WITH_LANGUAGE_CODE:
        return business_error(400, "unsupported_language", "the model takes no language_code")
    if len(text) > studio.remaining_characters:
        return business_error(
            401, "quota_exceeded", f"{len(text)} credits are needed, {studio.remaining_characters} are left"
        )
    return None


def _spoken(studio: TtsState, call: StubRequest) -> tuple[bytes, dict[str, str], str]:
    """The audio, its headers and its media type; the characters are charged."""
    text, output_format = call.body["text"], call.query.get("output_format", DEFAULT_FORMAT)
    studio.remaining_characters -= len(text)
    studio.used_characters += 1
    studio.history.append((call.path_params["voice_id"], text))
    headers = {"request-id": f"stub-{studio.used_characters}", "character-cost": str(len(text))}
    return render_audio(text, output_format), headers, MEDIA_TYPES[codec_of(output_format)]


async def _pieces(audio: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(audio), CHUNK_BYTES):
        yield audio[start : start + CHUNK_BYTES]
