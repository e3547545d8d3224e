"""The TTS vendor's text to speech over a WebSocket, for a text that is still being written."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from typing import Any

from provider_verification.stubs.sdk import (
    POLICY_VIOLATION,
    NotModelled,
    RequestRejected,
    ValidationIssue,
    WebSocketSession,
)
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.audio import SECONDS_PER_CHARACTER, render_audio
from provider_verification.stubs.vendors.tts.hooks import INVALID_KEY, OTHER_PLAN, TtsRejection
from provider_verification.stubs.vendors.tts.models import MODELS, unsupported_on_websocket
from provider_verification.stubs.vendors.tts.speech import unknown_dictionary
from provider_verification.stubs.vendors.tts.state import DEFAULT_FORMAT, DEFAULT_MODEL, TtsState
from provider_verification.stubs.vendors.tts.stream_query import PARAMETERS, TRUE_VALUES, check_query
from provider_verification.stubs.vendors.tts.voice_settings import check_voice_settings

INVALID_MESSAGE = "invalid_input_message"
SETTINGS_OF_FIRST_MESSAGE = {"voice_settings": "voice_settings", "generator_config": "generation_config"}
"""The fields that later messages may only repeat, and their names in the first one."""

FIRST_CHUNK_CHARACTERS = 120
"""Characters that are collected before audio is sent, unless the client says otherwise."""

FINAL_MESSAGE = {"isFinal": True, "audio": None}


class StreamRejectedError(Exception):
    """The vendor closes the connection: its name of the error, and a message."""

    def __init__(self, error: str, message: str) -> None:
        self.error, self.message = error, message
        super().__init__(message)


def check_handshake(_state: TtsState, query: Mapping[str, str]) -> None:
    """Check the query before the handshake is accepted.

    Raises:
        TtsRejection: the WebSocket does not serve the model; for any other error the vendor accepts the handshake first.
    """
    model_id = query.get("model_id", DEFAULT_MODEL)
    if model_id in MODELS and not MODELS[model_id].streams_input:
        raise unsupported_on_websocket(model_id)


@stub.websocket(
    "streamInput",
    "/v1/text-to-speech/{voice_id}/stream-input",
    messages="live.json",
    client_messages=("InitializeConnection", "SendText", "CloseConnection"),
    query=PARAMETERS,
    check_handshake=check_handshake,
)
async def stream_input(session: WebSocketSession) -> None:
    """Receive text and send audio until an empty text ends the stream.

    UNCONFIRMED: the errors are those of public reports. `invalid_input_message`: elevenlabs/elevenlabs-python#167.
    `invalid_api_key` and `voice_id_does_not_exist`: sessions of September 2026 that another project published. The message
    for changed voice settings: pipecat-ai/pipecat#4541, without its name.
    """
    try:
        await _serve(session.state, session)
    except TimeoutError:
        await _reject(session, "input_timeout_exceeded", "no text came within the inactivity timeout")
    except TtsRejection as rejection:
        session.record_violation(rejection.issues[0])
        await _reject(session, rejection.detail["status"], rejection.message)
    except RequestRejected as rejection:
        await _reject(session, INVALID_MESSAGE, rejection.message)
    except StreamRejectedError as error:
        await _reject(session, error.error, error.message)


async def _serve(state: TtsState, session: WebSocketSession) -> None:
    seconds = check_query(session)
    first = await _receive(session, seconds, lambda _: "InitializeConnection")
    _check_connection(state, session, first)
    schedule = (first.get("generation_config") or {}).get("chunk_length_schedule") or [FIRST_CHUNK_CHARACTERS]
    is_immediate = session.query.get("auto_mode", "").lower() in TRUE_VALUES
    buffer = ""
    while True:
        message = await _receive(
            session, seconds, lambda value: "SendText" if value.get("text") else "CloseConnection"
        )
        _check_unchanged(session, first, message)
        buffer += message["text"]
        is_last = not message["text"]
        is_forced = is_last or is_immediate or message.get("flush") or message.get("try_trigger_generation")
        # The AsyncAPI spec: audio is generated when the first number of chunk_length_schedule is reached.
        if buffer and (is_forced or len(buffer) >= int(schedule[0])):
            await _send_audio(state, session, buffer)
            buffer = ""
        if is_last:
            await session.send("FinalOutput", FINAL_MESSAGE)
            await session.close()
            return


def _check_connection(state: TtsState, session: WebSocketSession, first: Any) -> None:
    """Check key, voice, settings and pronunciation dictionaries.

    The key may be in the header or in the first message, as `xi-api-key` in the AsyncAPI spec and as `xi_api_key` in its
    example.

    UNCONFIRMED: that the error for a voice of another plan has the name and the message of HTTP.

    Raises:
        NotModelled: the client authenticates by a bearer token.
        StreamRejectedError: the key, the voice or a dictionary does not exist, or the voice belongs to another plan.
        TtsRejection: a setting is outside its range.
    """
    if first.get("authorization"):
        raise NotModelled("a bearer token in a message", ("message", "authorization"))
    keys = (session.headers.get("xi-api-key"), first.get("xi-api-key"), first.get("xi_api_key"))
    if next(filter(None, keys), None) not in state.api_keys:
        location = ("headers", "xi-api-key") if keys[0] else ("message", "xi_api_key")
        session.record_violation(ValidationIssue(location, "invalid_api_key", INVALID_KEY))
        raise StreamRejectedError("invalid_api_key", INVALID_KEY)
    voice_id = session.path_params["voice_id"]
    if voice_id not in state.voices:
        raise StreamRejectedError(
            "voice_id_does_not_exist", f"A voice with voice_id {voice_id} does not exist."
        )
    if state.voices[voice_id]["available_for_tiers"]:
        raise StreamRejectedError("paid_plan_required", OTHER_PLAN)
    check_voice_settings(first.get("voice_settings"), ("message", "voice_settings"))
    dictionary_id = unknown_dictionary(state, first)
    if dictionary_id is not None:
        text = f"A pronunciation dictionary with id {dictionary_id} does not exist."
        raise StreamRejectedError("pronunciation_dictionary_not_found", text)


def _check_unchanged(session: WebSocketSession, first: Any, message: Any) -> None:
    """Check that settings which a later message repeats are those of the first one.

    Raises:
        StreamRejectedError: they are not.
    """
    for name, first_name in SETTINGS_OF_FIRST_MESSAGE.items():
        settings = _without_nulls(message.get(name))
        if settings and settings != _without_nulls(first.get(first_name)):
            text = f"{name} field must be provided in the first message and then either be not provided or not change."
            session.record_violation(ValidationIssue(("message", name), "changed", text))
            raise StreamRejectedError(INVALID_MESSAGE, text)


def _without_nulls(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (settings or {}).items() if value is not None}


async def _receive(session: WebSocketSession, seconds: int, kind_of: Callable[[Any], str]) -> Any:
    async with asyncio.timeout(seconds):
        return await session.receive(kind_of)


async def _send_audio(state: TtsState, session: WebSocketSession, text: str) -> None:
    message = state.missing_characters_message(text)
    if message:
        raise StreamRejectedError("quota_exceeded", message)
    query = session.query
    state.synthesize(
        session.path_params["voice_id"],
        text,
        query.get("model_id", DEFAULT_MODEL),
        query.get("output_format", DEFAULT_FORMAT),
    )
    await session.send("AudioOutput", audio_output(text, query))


def audio_output(text: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A message with audio; unlike over HTTP its times are in milliseconds and relative to this message."""
    audio = render_audio(text, query.get("output_format", DEFAULT_FORMAT))
    output: dict[str, Any] = {"audio": base64.b64encode(audio).decode()}
    if query.get("sync_alignment", "").lower() in TRUE_VALUES:
        milliseconds = round(SECONDS_PER_CHARACTER * 1000)
        output["alignment"] = {
            "chars": list(text),
            "charStartTimesMs": [index * milliseconds for index in range(len(text))],
            "charsDurationsMs": [milliseconds] * len(text),
        }
        output["normalizedAlignment"] = output["alignment"]
    return output


async def _reject(session: WebSocketSession, error: str, message: str) -> None:
    await session.send("Error", error_message(error, message))
    await session.close(POLICY_VIOLATION, message)


def error_message(error: str, message: str) -> dict[str, Any]:
    """The last message before the vendor closes the connection."""
    return {"message": message, "error": error, "code": POLICY_VIOLATION}
