"""Speech for a text that is still being written: text goes in, audio comes out, over one WebSocket."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from orchestrator.vendors.errors import (
    ErrorDetails,
    InvalidVendorResponse,
    RequestRejected,
    VendorTimeout,
    VendorUnavailable,
    error_class_for_status,
)

VENDOR, OPERATION = "tts", "speak live"
MAX_MESSAGE = 4 * 1024 * 1024
"""Bytes of the longest message taken."""


class ChunkAlignment(BaseModel):
    """When each character is said, in milliseconds from the beginning of the piece; the lists are equally long."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    chars: list[str]
    starts: list[int] = Field(alias="charStartTimesMs")
    durations: list[int] = Field(alias="charsDurationsMs")


class StreamInputMessage(BaseModel):
    """What the vendor sends: a piece of audio in base64, the end (`final`), or an `error` before it hangs up."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    audio: str | None = None
    alignment: ChunkAlignment | None = None
    final: bool | None = Field(default=None, alias="isFinal")
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of speech; `alignment` tells what had been said when a guest interrupts."""

    audio: bytes
    alignment: ChunkAlignment | None


def parse_message(body: bytes | str) -> StreamInputMessage:
    """Read a message.

    Raises:
        InvalidVendorResponse: naming the fields that are wrong.
    """
    try:
        return StreamInputMessage.model_validate_json(body)
    except ValidationError as error:
        fields = tuple(".".join(map(str, problem["loc"])) or "message" for problem in error.errors())
        raise InvalidVendorResponse(VENDOR, OPERATION, fields=fields) from None


@contextlib.asynccontextmanager
async def open_speech_stream(
    url: str, headers: Mapping[str, str], texts: AsyncIterable[str], io_timeout: float
) -> AsyncIterator[AsyncIterator[AudioChunk]]:
    """Speak the texts; each piece of audio is given as soon as it arrives.

    Args:
        url: the socket's address, with the query.
        headers: the key.
        texts: pieces of text, as whole words; what they raise is raised while iterating.
        io_timeout: seconds for connecting and for each wait for a piece.

    Raises:
        VendorError: when the vendor cannot be reached or refuses; also while iterating.
    """
    with _translated():
        socket = await connect(
            url,
            additional_headers=dict(headers),
            open_timeout=io_timeout,
            close_timeout=1,
            max_size=MAX_MESSAGE,
        )
    sending = asyncio.create_task(_send(socket, texts))
    sending.add_done_callback(lambda task: socket.transport.abort() if _failed(task) else None)
    try:
        yield _pieces(socket, sending, io_timeout)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await socket.close()


async def _send(socket: ClientConnection, texts: AsyncIterable[str]) -> None:
    """A blank first, texts that end with a blank, an empty text last: so says the vendor."""
    try:
        await socket.send(json.dumps({"text": " "}))
        async for text in texts:
            if text.strip():
                await socket.send(json.dumps({"text": f"{text.rstrip()} ", "try_trigger_generation": True}))
        await socket.send(json.dumps({"text": ""}))
    except ConnectionClosed:
        return  # whoever waits for audio reads why


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None


async def _pieces(
    socket: ClientConnection, sending: asyncio.Task[None], patience: float
) -> AsyncIterator[AudioChunk]:
    while True:
        with _translated():
            try:
                async with asyncio.timeout(patience):
                    message = parse_message(await socket.recv())
            except ConnectionClosed:
                if sending.done():
                    sending.result()  # the texts failed, not the vendor
                raise
        if message.error is not None:
            refusal = ErrorDetails(message.error, (message.message,) if message.message else ())
            raise RequestRejected(VENDOR, OPERATION, refusal=refusal)
        if message.final:
            return
        yield AudioChunk(_decoded(message.audio), message.alignment)


def _decoded(audio: str | None) -> bytes:
    if audio is None:
        raise InvalidVendorResponse(VENDOR, OPERATION, fields=("audio",))
    try:
        return base64.b64decode(audio, validate=True)
    except binascii.Error:
        raise InvalidVendorResponse(VENDOR, OPERATION, fields=("audio",)) from None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise VendorTimeout(VENDOR, OPERATION) from error
    except InvalidStatus as error:
        status = error.response.status_code
        raise error_class_for_status(status)(VENDOR, OPERATION, status=status) from error
    except (ConnectionClosed, InvalidHandshake, OSError) as error:
        raise VendorUnavailable(VENDOR, OPERATION) from error
