"""The TTS vendor's text to speech over HTTP."""

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
from provider_verification.stubs.vendors.tts.hooks import business_error, paid_plan_required
from provider_verification.stubs.vendors.tts.state import TtsState

DEFAULT_FORMAT = "mp3_44100_128"
DEFAULT_MODEL = "eleven_multilingual_v2"
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
def convert(state: TtsState, request: StubRequest) -> StubResponse:
    """The whole audio in one piece."""
    return _error(state, request) or StubResponse(200, *_synthesize(state, request))


@stub.operation("stream")
def stream(state: TtsState, request: StubRequest) -> StubResponse:
    """The audio in chunks, without Content-Length."""
    error = _error(state, request)
    if error:
        return error
    audio, headers, media_type = _synthesize(state, request)
    return StubResponse(200, _chunks(audio), headers, media_type)


@stub.operation("convertWithTimestamps")
def convert_with_timestamps(state: TtsState, request: StubRequest) -> StubResponse:
    """The audio in base64 and the times of its characters, in seconds."""
    error = _error(state, request)
    if error:
        return error
    audio, headers, _ = _synthesize(state, request)
    return StubResponse(200, _with_alignment(audio, request.body["text"], 0.0), headers)


@stub.operation("streamWithTimestamps")
def stream_with_timestamps(state: TtsState, request: StubRequest) -> StubResponse:
    """The same as one JSON object per line; times count from the beginning of the whole audio."""
    error = _error(state, request)
    if error:
        return error
    _, headers, _ = _synthesize(state, request)
    return StubResponse(200, _lines(request.body["text"], _output_format(request)), headers)


def _output_format(request: StubRequest) -> str:
    """The format is a query parameter, not a field of the body."""
    return str(request.query.get("output_format", DEFAULT_FORMAT))


async def _lines(text: str, output_format: str) -> AsyncIterator[bytes]:
    for start in range(0, len(text), CHARACTERS_PER_LINE):
        part = text[start : start + CHARACTERS_PER_LINE]
        line = _with_alignment(render_audio(part, output_format), part, start * SECONDS_PER_CHARACTER)
        yield json.dumps(line).encode() + b"\n"


def _with_alignment(audio: bytes, text: str, start_seconds: float) -> dict[str, Any]:
    times = [round(start_seconds + index * SECONDS_PER_CHARACTER, 3) for index in range(len(text) + 1)]
    alignment = {
        "characters": list(text),
        "character_start_times_seconds": times[:-1],
        "character_end_times_seconds": times[1:],
    }
    encoded = base64.b64encode(audio).decode()
    return {"audio_base64": encoded, "alignment": alignment, "normalized_alignment": alignment}


def _error(state: TtsState, request: StubRequest) -> StubResponse | None:
    """The vendor's error for a request that its schema allows, or None."""
    voice = state.voices.get(request.path_params["voice_id"])
    text, model = request.body["text"], request.body.get("model_id", DEFAULT_MODEL)
    # The vendor's error page lists voice_not_found under 400 and 401 without saying which: UNCONFIRMED.
    if voice is None:
        return business_error(400, "voice_not_found", "the voice does not exist")
    if voice["available_for_tiers"]:
        return paid_plan_required()
    if len(text) > MAX_CHARACTERS_BY_MODEL.get(model, DEFAULT_MAX_CHARACTERS):
        return business_error(400, "max_character_limit_exceeded", "the text is too long for the model")
    # The vendor's documentation: only the v2.5 models take a language code, the others report an error.
    if request.body.get("language_code") and model not in MODELS_WITH_LANGUAGE_CODE:
        return business_error(400, "unsupported_language", "the model takes no language_code")
    message = state.missing_characters_message(text)
    # Seen in home-assistant/core#160414: an exhausted quota is 401, so 401 does not mean a bad key.
    return business_error(401, "quota_exceeded", message) if message else None


def _synthesize(state: TtsState, request: StubRequest) -> tuple[bytes, dict[str, str], str]:
    """Charge the characters; return the audio, its headers and its media type."""
    text, output_format = request.body["text"], _output_format(request)
    state.charge(request.path_params["voice_id"], text)
    state.request_count += 1
    # The vendor's documentation of request stitching: the cost is a response header.
    headers = {"request-id": f"stub-{state.request_count}", "character-cost": str(len(text))}
    return render_audio(text, output_format), headers, MEDIA_TYPES[codec_of(output_format)]


async def _chunks(audio: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(audio), CHUNK_BYTES):
        yield audio[start : start + CHUNK_BYTES]
