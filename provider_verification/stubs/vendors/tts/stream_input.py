"""Speech for a text that is still being written: text goes in, audio comes out, over one WebSocket."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from provider_verification.stubs.sdk import (
    POLICY_VIOLATION,
    RequestRejected,
    VendorMessage,
    WebSocketSession,
)
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.audio import SECONDS_PER_CHARACTER, render_audio
from provider_verification.stubs.vendors.tts.state import TtsState

DEFAULT_FORMAT = "mp3_44100_128"
DEFAULT_INACTIVITY_TIMEOUT, MAX_INACTIVITY_TIMEOUT = 20, 180
"""Seconds without text before the vendor hangs up."""
FIRST_CHUNK_CHARACTERS = 120
"""Characters that wait before audio is made, unless the caller says otherwise."""


class StreamRejectedError(Exception):
    """The vendor hangs up: its own name of the reason, and the reason for people."""

    def __init__(self, error: str, message: str) -> None:
        self.error, self.message = error, message
        super().__init__(message)


@stub.websocket("streamInput", "/v1/text-to-speech/{voice_id}/stream-input", messages="live.json")
async def stream_input(line: WebSocketSession) -> None:
    """Until an empty text closes it."""
    studio: TtsState = line.state
    try:
        await _speech(studio, line)
    except TimeoutError:
        await _refuse(line, "input_timeout_exceeded", "no text came within the time for inactivity")
    except RequestRejected as problem:
        await _refuse(line, "invalid_message", problem.message)
    except StreamRejectedError as refused:
        await _refuse(line, refused.error, refused.message)


async def _speech(studio: TtsState, line: WebSocketSession) -> None:
    first = await _next(line, lambda _: "InitializeConnection")
    if line.headers.get("xi-api-key", first.get("xi-api-key")) not in studio.keys:
        raise StreamRejectedError("invalid_api_key", "the key is not valid")
    if line.path_params["voice_id"] not in studio.voices:
        raise StreamRejectedError("voice_id_does_not_exist", "there is no such voice")
    wanted = int(first.get("generation_config", {}).get("chunk_length_schedule", [FIRST_CHUNK_CHARACTERS])[0])
    waiting = ""
    while True:
        message = await _next(line, lambda value: "SendText" if value.get("text") else "CloseConnection")
        waiting += message["text"]
        forced = message.get("flush") or message.get("try_trigger_generation") or not message["text"]
        if waiting and (forced or len(waiting) >= wanted):
            _charge(studio, line.path_params["voice_id"], waiting)
            await line.send("AudioOutput", audio_chunk(waiting, line.query))
            waiting = ""
        if not message["text"]:
            await line.send("FinalOutput", {"isFinal": True, "audio": None})
            await line.close()
            return


async def _next(line: WebSocketSession, kind: Any) -> Any:
    pause = line.query.get("inactivity_timeout", str(DEFAULT_INACTIVITY_TIMEOUT))
    if not pause.isdecimal() or int(pause) > MAX_INACTIVITY_TIMEOUT:
        raise StreamRejectedError(
            "invalid_message", f"inactivity_timeout should be at most {MAX_INACTIVITY_TIMEOUT} s"
        )
    async with asyncio.timeout(int(pause)):
        return await line.receive(kind)


def _charge(studio: TtsState, voice_id: str, text: str) -> None:
    if len(text) > studio.remaining_characters:
        raise StreamRejectedError(
            "quota_exceeded", f"{len(text)} credits are needed, {studio.remaining_characters} are left"
        )
    studio.remaining_characters -= len(text)
    studio.history.append((voice_id, text))


def audio_chunk(text: str, query: dict[str, str]) -> dict[str, Any]:
    """A piece of audio; its times are in milliseconds and count from the piece's own beginning."""
    audio = render_audio(text, query.get("output_format", DEFAULT_FORMAT))
    made: dict[str, Any] = {"audio": base64.b64encode(audio).decode()}
    if query.get("sync_alignment") == "true":
        length = round(SECONDS_PER_CHARACTER * 1000)
        made["alignment"] = {
            "chars": list(text),
            "charStartTimesMs": [number * length for number in range(len(text))],
            "charsDurationsMs": [length] * len(text),
        }
        made["normalizedAlignment"] = made["alignment"]
    return made


async def _refuse(line: WebSocketSession, error: str, message: str) -> None:
    await line.send("Error", error_message(error, message))
    await line.close(POLICY_VIOLATION, message)


def error_message(error: str, message: str) -> dict[str, Any]:
    """The last message before the vendor hangs up. UNCONFIRMED: the form is from an issue of another project."""
    return {"message": message, "error": error, "code": POLICY_VIOLATION}


@stub.message("a piece of live speech")
def audio_message(_: TtsState) -> VendorMessage:
    """Without times."""
    return VendorMessage(audio_chunk("Good evening. ", {}))


@stub.message("a piece of live speech with times")
def audio_message_with_alignment(_: TtsState) -> VendorMessage:
    """As asked by `sync_alignment`."""
    return VendorMessage(audio_chunk("Good evening. ", {"sync_alignment": "true"}))


@stub.message("the end of live speech")
def final_message(_: TtsState) -> VendorMessage:
    """After the last piece."""
    return VendorMessage({"isFinal": True, "audio": None})


@stub.message("live speech refused")
def quota_exceeded_message(_: TtsState) -> VendorMessage:
    """The quota is used up."""
    return VendorMessage(error_message("quota_exceeded", "14 credits are needed, 3 are left"))
