"""The TTS vendor's text to speech over a WebSocket, for a text that is still being written."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from typing import Any

from provider_verification.stubs.sdk import (
    POLICY_VIOLATION,
    RequestRejected,
    WebSocketSession,
)
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.audio import SECONDS_PER_CHARACTER, render_audio
from provider_verification.stubs.vendors.tts.speech import DEFAULT_FORMAT
from provider_verification.stubs.vendors.tts.state import TtsState

DEFAULT_INACTIVITY_TIMEOUT_SECONDS, MAX_INACTIVITY_TIMEOUT_SECONDS = 20, 180
SECONDS_PATTERN = re.compile(r"[0-9]{1,9}")
FIRST_CHUNK_CHARACTERS = 120
"""Characters that are collected before audio is sent, unless the client says otherwise."""

FINAL_MESSAGE = {"isFinal": True, "audio": None}


class StreamRejectedError(Exception):
    """The vendor closes the connection: its name of the error, and a message."""

    def __init__(self, error: str, message: str) -> None:
        self.error, self.message = error, message
        super().__init__(message)


@stub.websocket("streamInput", "/v1/text-to-speech/{voice_id}/stream-input", messages="live.json")
async def stream_input(session: WebSocketSession) -> None:
    """Receive text and send audio until an empty text ends the stream."""
    state: TtsState = session.state
    try:
        await _serve(state, session)
    except TimeoutError:
        await _reject(session, "input_timeout_exceeded", "no text came within the inactivity timeout")
    except RequestRejected as rejection:
        await _reject(session, "invalid_message", rejection.message)
    except StreamRejectedError as error:
        await _reject(session, error.error, error.message)


async def _serve(state: TtsState, session: WebSocketSession) -> None:
    first = await _receive(session, lambda _: "InitializeConnection")
    _check_connection(state, session, first)
    schedule = first.get("generation_config", {}).get("chunk_length_schedule", [FIRST_CHUNK_CHARACTERS])
    buffer = ""
    while True:
        message = await _receive(
            session, lambda value: "SendText" if value.get("text") else "CloseConnection"
        )
        buffer += message["text"]
        is_last = not message["text"]
        is_forced = is_last or message.get("flush") or message.get("try_trigger_generation")
        # The AsyncAPI spec: audio is generated when the first number of chunk_length_schedule is reached.
        if buffer and (is_forced or len(buffer) >= int(schedule[0])):
            await _send_audio(state, session, buffer)
            buffer = ""
        if is_last:
            await session.send("FinalOutput", FINAL_MESSAGE)
            await session.close()
            return


def _check_connection(state: TtsState, session: WebSocketSession, first: Any) -> None:
    """Check key and voice; the key may be in the header or in the first message."""
    if session.headers.get("xi-api-key", first.get("xi-api-key")) not in state.api_keys:
        raise StreamRejectedError("invalid_api_key", "the key is not valid")
    if session.path_params["voice_id"] not in state.voices:
        raise StreamRejectedError("voice_id_does_not_exist", "the voice does not exist")


async def _receive(session: WebSocketSession, kind_of: Callable[[Any], str]) -> Any:
    timeout = session.query.get("inactivity_timeout", str(DEFAULT_INACTIVITY_TIMEOUT_SECONDS))
    if not SECONDS_PATTERN.fullmatch(timeout) or int(timeout) > MAX_INACTIVITY_TIMEOUT_SECONDS:
        raise StreamRejectedError(
            "invalid_message", f"inactivity_timeout should be at most {MAX_INACTIVITY_TIMEOUT_SECONDS} s"
        )
    async with asyncio.timeout(int(timeout)):
        return await session.receive(kind_of)


async def _send_audio(state: TtsState, session: WebSocketSession, text: str) -> None:
    message = state.missing_characters_message(text)
    if message:
        raise StreamRejectedError("quota_exceeded", message)
    state.charge(session.path_params["voice_id"], text)
    await session.send("AudioOutput", audio_output(text, session.query))


def audio_output(text: str, query: dict[str, str]) -> dict[str, Any]:
    """A message with audio; unlike over HTTP its times are in milliseconds and relative to this message."""
    audio = render_audio(text, query.get("output_format", DEFAULT_FORMAT))
    output: dict[str, Any] = {"audio": base64.b64encode(audio).decode()}
    if query.get("sync_alignment") == "true":
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
    """The last message before the vendor closes the connection. UNCONFIRMED: seen in livekit/agents#5844 only."""
    return {"message": message, "error": error, "code": POLICY_VIOLATION}
