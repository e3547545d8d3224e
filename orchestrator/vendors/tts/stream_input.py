"""Streams the synthesis of a text that is still being written over a WebSocket (ElevenLabs' stream-input)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field, model_validator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from orchestrator.vendors.errors import (
    AccessDenied,
    ErrorDetails,
    InvalidVendorResponse,
    RequestRejected,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
    error_class_for_status,
)
from orchestrator.vendors.models import ResponseModel, parse_json

VENDOR, OPERATION = "tts", "stream input"
DENIED_CODES = frozenset({"invalid_api_key", "quota_exceeded"})
"""Errors that are a 401 over HTTP."""
MAX_MESSAGE_BYTES = 4 * 1024 * 1024


class ChunkAlignment(ResponseModel):
    """Start and duration of each character, in ms from the start of the chunk; the lists are equally long."""

    model_config = ConfigDict(populate_by_name=True)

    chars: list[str]
    starts: list[int] = Field(alias="charStartTimesMs")
    durations: list[int] = Field(alias="charsDurationsMs")

    @model_validator(mode="before")
    @classmethod
    def _accept_other_spelling(cls, value: Any) -> Any:
        # the vendor's spec says `charsDurationsMs`, published recordings of sessions `charDurationsMs` (UNCONFIRMED)
        if isinstance(value, dict) and "charDurationsMs" in value:
            return {"charsDurationsMs": value["charDurationsMs"], **value}
        return value


class StreamInputMessage(ResponseModel):
    """A message of the vendor: a chunk of audio in base64, the end (`final`), or an `error` before it disconnects."""

    model_config = ConfigDict(populate_by_name=True)

    audio: str | None = None
    alignment: ChunkAlignment | None = None
    final: bool | None = Field(default=None, alias="isFinal")
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A chunk of audio; `alignment` shows how much was spoken when a guest interrupts."""

    audio: bytes
    alignment: ChunkAlignment | None


def parse_message(body: bytes | str) -> StreamInputMessage:
    """Parse a message.

    Raises:
        InvalidVendorResponse: with the paths of the invalid fields.
    """
    return parse_json(StreamInputMessage, body, vendor=VENDOR, operation=OPERATION)


class _Connect(connect):
    """A WebSocket connection that follows no redirect, which would carry the key to another address."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Return the redirect as an error."""
        return exc


async def connect_speech(url: str, headers: Mapping[str, str], open_timeout: float) -> ClientConnection:
    """Open the WebSocket.

    Args:
        url: its address, with the query.
        headers: the API key.
        open_timeout: seconds for the handshake.

    Raises:
        VendorError: the vendor cannot be reached or rejects the handshake.
    """
    with _translate_websocket_errors():
        return await _Connect(
            url,
            additional_headers=dict(headers),
            open_timeout=open_timeout,
            # the audio is complete or unwanted by then, so a slow closing handshake is not waited for
            close_timeout=1,
            max_size=MAX_MESSAGE_BYTES,
        )


@contextlib.asynccontextmanager
async def speech_chunks(
    socket: ClientConnection, texts: AsyncIterable[str], io_timeout: float
) -> AsyncIterator[AsyncIterator[AudioChunk]]:
    """Send the texts over an open WebSocket and give the audio in chunks as they arrive; it is closed at the end.

    Args:
        socket: from `connect_speech`.
        texts: parts of the text, as whole words; an error they raise is raised while iterating.
        io_timeout: seconds for each wait for a chunk after the end of the texts. Before that the vendor may wait for more.

    Raises:
        VendorError: while iterating.
    """
    sending = asyncio.create_task(_send_texts(socket, texts))
    # wakes the receiver, which would wait for the audio of a text that never comes
    sending.add_done_callback(lambda task: socket.transport.abort() if _failed(task) else None)
    try:
        yield _receive_chunks(socket, sending, io_timeout)
    finally:
        sending.cancel()
        # an error of the texts is raised by _receive_chunks, not here
        await asyncio.gather(sending, return_exceptions=True)
        await socket.close()


async def _send_texts(socket: ClientConnection, texts: AsyncIterable[str]) -> None:
    """Send a space first, texts that end with a space, and an empty text last, as ElevenLabs' documentation requires."""
    try:
        await socket.send(json.dumps({"text": " "}))
        async for text in texts:
            # ElevenLabs reads an empty text as the end of the stream
            if text.strip():
                await socket.send(json.dumps({"text": f"{text.rstrip()} ", "try_trigger_generation": True}))
        await socket.send(json.dumps({"text": ""}))
    except ConnectionClosed:
        return  # the receiver gets the reason


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None


async def _receive_chunks(
    socket: ClientConnection, sending: asyncio.Task[None], io_timeout: float
) -> AsyncIterator[AudioChunk]:
    while True:
        with _translate_websocket_errors():
            try:
                message = parse_message(await _receive(socket, sending, io_timeout))
            except ConnectionClosed:
                if sending.done():
                    sending.result()  # raises if the texts failed, not the vendor
                raise
        if message.error is not None:
            raise _error_of(message.error, message.message)
        # the final message has no audio
        if message.final:
            return
        yield AudioChunk(_decode_audio(message.audio), message.alignment)


def _error_of(code: str, text: str | None) -> VendorError:
    error_class = AccessDenied if code in DENIED_CODES else RequestRejected
    return error_class(VENDOR, OPERATION, details=ErrorDetails(code, (text,) if text else ()))


async def _receive(socket: ClientConnection, sending: asyncio.Task[None], io_timeout: float) -> str | bytes:
    receiving = asyncio.ensure_future(socket.recv())
    try:
        await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        async with asyncio.timeout(io_timeout):
            return await receiving
    finally:
        receiving.cancel()


def _decode_audio(audio: str | None) -> bytes:
    if audio is None:
        raise InvalidVendorResponse(VENDOR, OPERATION, fields=("audio",))
    try:
        return base64.b64decode(audio, validate=True)
    except binascii.Error:
        raise InvalidVendorResponse(VENDOR, OPERATION, fields=("audio",)) from None


@contextlib.contextmanager
def _translate_websocket_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise VendorTimeout(VENDOR, OPERATION) from error
    except InvalidStatus as error:
        status = error.response.status_code
        raise error_class_for_status(status)(VENDOR, OPERATION, status=status) from error
    except (ConnectionClosed, InvalidHandshake, OSError) as error:
        raise VendorUnavailable(VENDOR, OPERATION) from error
