"""The TTS vendor's text to speech: as one piece, as a stream, and with the times of the characters."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

from provider_verification.stubs.sdk import NotModelled, StubRequest, StubResponse, with_rejection
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.audio import (
    OUTPUT_FORMATS,
    SECONDS_PER_CHARACTER,
    UNMODELLED_FORMATS,
    media_type_of,
    render_audio,
)
from provider_verification.stubs.vendors.tts.hooks import (
    TtsRejection,
    business_error,
    error_detail,
    not_found,
    paid_plan_required,
)
from provider_verification.stubs.vendors.tts.models import find_model
from provider_verification.stubs.vendors.tts.state import DEFAULT_FORMAT, DEFAULT_MODEL, TtsState
from provider_verification.stubs.vendors.tts.voice_settings import check_voice_settings

CHUNK_BYTES = 4096
CHARACTERS_PER_LINE = 50


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


def check_output_format(output_format: str) -> None:
    """Check a format.

    UNCONFIRMED: that it is 403, and not 422, is in a response of September 2026 that another project published.

    Raises:
        TtsRejection: the vendor has no such format.
        NotModelled: the vendor has it, and the stub lacks it.
    """
    if output_format in UNMODELLED_FORMATS:
        raise NotModelled(f"the output format {output_format}", ("query", "output_format"))
    if output_format not in OUTPUT_FORMATS:
        code, formats = "invalid_output_format", ", ".join(OUTPUT_FORMATS)
        message = f"Invalid output format '{output_format[:100]}'. Must be one of: {formats}."
        detail = error_detail("validation_error", code, code, message, "output_format")
        raise TtsRejection(403, detail, ("query", "output_format"))


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
    """The vendor's error for a request that its schema allows, or None.

    Raises:
        TtsRejection: the format, the model or a setting is not one of the vendor's.
    """
    check_output_format(_output_format(request))
    voice_id, text = request.path_params["voice_id"], request.body["text"]
    voice = state.voices.get(voice_id)
    if voice is None:
        return not_found("voice", voice_id)
    if voice["available_for_tiers"]:
        return paid_plan_required()
    model = find_model(request.body.get("model_id", DEFAULT_MODEL))
    check_voice_settings(request.body.get("voice_settings"), ("body", "voice_settings"))
    if len(text) > model.max_characters:
        return _refusal("max_character_limit_exceeded", "the text is too long for the model", "text")
    # The vendor's documentation: only the v2.5 models take a language code, the others report an error.
    if request.body.get("language_code") and not model.takes_language:
        return _refusal("unsupported_language", "the model takes no language_code", "language_code")
    unknown_reference = _reference_error(state, request.body)
    if unknown_reference:
        return unknown_reference
    message = state.missing_characters_message(text)
    # Seen in home-assistant/core#160414: an exhausted quota is 401, so 401 does not mean a bad key.
    return business_error(401, "quota_exceeded", message) if message else None


def _refusal(code: str, message: str, name: str) -> StubResponse:
    """400 for a field that the model does not take, whatever the account has."""
    return with_rejection(business_error(400, code, message), code, message, ("body", name))


def _reference_error(state: TtsState, body: dict[str, Any]) -> StubResponse | None:
    """404 for a pronunciation dictionary or an earlier request that does not exist; the vendor's is not published."""
    unknown_id = unknown_dictionary(state, body)
    if unknown_id is not None:
        return not_found("pronunciation_dictionary", unknown_id)
    for name in ("previous_request_ids", "next_request_ids"):
        for request_id in body.get(name) or ():
            if not state.has_request(request_id):
                return not_found("request", request_id)
    return None


def unknown_dictionary(state: TtsState, body: dict[str, Any]) -> str | None:
    """Return the id of a pronunciation dictionary that a request refers to and that does not exist, or None."""
    ids = (
        locator["pronunciation_dictionary_id"]
        for locator in body.get("pronunciation_dictionary_locators") or ()
    )
    return next((item_id for item_id in ids if item_id not in state.pronunciation_dictionaries), None)


def _synthesize(state: TtsState, request: StubRequest) -> tuple[bytes, dict[str, str], str]:
    """Charge the characters; return the audio, its headers and its media type."""
    text, output_format = request.body["text"], _output_format(request)
    item = state.synthesize(
        request.path_params["voice_id"],
        text,
        request.body.get("model_id", DEFAULT_MODEL),
        output_format,
        {
            name: value
            for name, value in (request.body.get("voice_settings") or {}).items()
            if value is not None
        },
    )
    # The vendor's documentation of request stitching: the cost is a response header.
    headers = {
        "request-id": item.request_id,
        "history-item-id": item.id,
        "character-cost": str(len(text)),
    }
    return render_audio(text, output_format), headers, media_type_of(output_format)


async def _chunks(audio: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(audio), CHUNK_BYTES):
        yield audio[start : start + CHUNK_BYTES]
