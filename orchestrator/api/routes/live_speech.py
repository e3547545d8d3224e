"""Text to speech over a WebSocket, for a text that is still being written."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError

from orchestrator.api.dependencies import authorize_websocket, get_container, require_hotel
from orchestrator.api.error_handlers import api_error_content
from orchestrator.api.models import StrictModel
from orchestrator.api.routes.speech import SpeechParameters, caption_of, speech_error
from orchestrator.calls.input_checks import is_storable
from orchestrator.errors import FieldError, ServiceError, ServiceUnavailableError, ValidationFailedError
from orchestrator.replayable_stream import ReplayableStream
from orchestrator.security.roles import Permission
from orchestrator.speech.options import SpeechOptions
from orchestrator.speech.service import SpeechService
from orchestrator.vendors.errors import VendorError

router = APIRouter()
MAX_PIECE_LENGTH = 1_000
MAX_STREAM_LENGTH = 20_000
"""Characters of all pieces together: twenty minutes of speech. An empty piece counts as one, which bounds their number."""
MAX_IDLE_SECONDS = 15.0
"""Between two pieces; the vendor closes its WebSocket after 20 s without text."""
MAX_STREAM_SECONDS = 600.0
"""Of the whole connection, so that a client that reads nothing does not hold it."""
MAX_CLOSE_SECONDS = 5.0
"""In which a client takes an error and the close; the server aborts the connection of one that does not read."""
NORMAL, POLICY_VIOLATION, TRY_AGAIN_LATER = 1000, 1008, 1013
"""Close codes (RFC 6455, section 7.4.1, and IANA's registry)."""
_WHOLE_WORDS = re.compile(r".*\s", re.DOTALL)


class LiveSpeechParameters(SpeechParameters):
    """How the text is spoken, and whether the times of its characters are sent with the audio."""

    captions: bool = False


class TextPiece(StrictModel):
    """A message of the client: a piece of the text, which may end within a word, and whether it is the last one."""

    text: str = Field("", max_length=MAX_PIECE_LENGTH)
    end: bool = False


@router.websocket("/tts/stream")
async def stream_pieces(socket: WebSocket) -> None:
    """Speak a text while it is being written.

    The query has the parameters of /tts/synthesize except `text` and `speed`, and `captions`. The client sends
    `{"text": "…"}` for each piece and `{"end": true}`. It receives the audio as binary messages; with captions each is
    preceded by `{"characters", "starts", "ends"}` if the vendor gives times. After `{"end": true}` the connection is closed with
    1000; after `{"error": …}`, which has the form of error responses, with 1008 (client) or 1013 (may be repeated).
    """
    principal = await authorize_websocket(socket, Permission.CALL_START)
    parameters = _parse_query(socket)
    require_hotel(principal, socket, parameters.hotel_id)
    await socket.accept()
    speech = get_container(socket).vendors.speech
    connection = _SpeechConnection(socket, speech, parameters.options(speech), with_times=parameters.captions)
    try:
        await connection.run()
    # also while an error is reported
    except WebSocketDisconnect:
        return


class _SpeechConnection:
    """An accepted WebSocket: text comes in, audio goes out."""

    def __init__(
        self, socket: WebSocket, speech: SpeechService, options: SpeechOptions, *, with_times: bool
    ) -> None:
        self._socket = socket
        self._speech = speech
        self._options = options
        self._with_times = with_times

    async def run(self) -> None:
        """Receive text and send audio until all is spoken, the client disconnects, or one of them fails."""
        texts: ReplayableStream[str] = ReplayableStream()
        tasks = [asyncio.create_task(self._receive(texts)), asyncio.create_task(self._send(texts))]
        try:
            done, _ = await asyncio.wait(
                tasks, timeout=MAX_STREAM_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                raise _invalid("text", f"should be spoken within {MAX_STREAM_SECONDS:.0f} seconds")
            await done.pop()
        except ServiceError as error:
            await self._close_with(error)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _close_with(self, error: ServiceError) -> None:
        code = TRY_AGAIN_LATER if isinstance(error, ServiceUnavailableError) else POLICY_VIOLATION
        # sending waits while the client does not read
        with suppress(TimeoutError):
            async with asyncio.timeout(MAX_CLOSE_SECONDS):
                await self._socket.send_json({"error": api_error_content(error)})
                await self._socket.close(code)

    async def _receive(self, texts: ReplayableStream[str]) -> None:
        """Pass the text on as whole words, which the vendor needs; then wait for the client to disconnect."""
        length = 0
        # joined once, because a word can come in thousands of pieces
        incomplete_word: list[str] = []
        while True:
            piece = await self._receive_piece()
            length += max(len(piece.text), 1)
            if length > MAX_STREAM_LENGTH:
                raise _invalid("text", f"should have at most {MAX_STREAM_LENGTH} characters in all pieces")
            words, rest = (piece.text, "") if piece.end else _split_at_last_word(piece.text)
            if words or piece.end:
                if text := "".join(incomplete_word) + words:
                    texts.put(text)
                incomplete_word.clear()
            incomplete_word.append(rest)
            if piece.end:
                texts.end()
                break
        await self._receive_message()
        raise _invalid("text", "should not follow the end")

    async def _receive_piece(self) -> TextPiece:
        try:
            async with asyncio.timeout(MAX_IDLE_SECONDS):
                message = await self._receive_message()
        except TimeoutError:
            raise _invalid("text", f"should follow within {MAX_IDLE_SECONDS:.0f} seconds") from None
        try:
            piece = TextPiece.model_validate_json(message)
        except ValidationError as error:
            raise _validation_failed(error) from None
        if not is_storable(piece.text):
            raise _invalid("text", "should be Unicode text without NUL characters")
        return piece

    async def _receive_message(self) -> str:
        """Return the next message; a binary one is empty, which is not valid.

        Raises:
            WebSocketDisconnect: the client has disconnected.
        """
        message = await self._socket.receive()
        # messages that have arrived already are received without a pause for other clients
        await asyncio.sleep(0)
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        return message.get("text") or ""

    async def _send(self, texts: ReplayableStream[str]) -> None:
        try:
            async for chunk in self._speech.stream_pieces(texts, self._options, with_times=self._with_times):
                if chunk.characters:
                    await self._socket.send_json(caption_of(chunk))
                await self._socket.send_bytes(chunk.audio)
        except VendorError as error:
            raise speech_error(error) from None
        await self._socket.send_json({"end": True})
        await self._socket.close(NORMAL)


def _parse_query(socket: WebSocket) -> LiveSpeechParameters:
    try:
        return LiveSpeechParameters.model_validate(dict(socket.query_params))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def _split_at_last_word(text: str) -> tuple[str, str]:
    """Return the text up to its last whitespace, and the rest, which may be the start of a word."""
    match = _WHOLE_WORDS.match(text)
    end = match.end() if match else 0
    return text[:end], text[end:]


def _invalid(field: str, problem: str) -> ValidationFailedError:
    return ValidationFailedError("The message is not valid.", details=[FieldError(field, problem)])


def _validation_failed(error: ValidationError) -> ValidationFailedError:
    details = [
        FieldError(".".join(map(str, item["loc"])) or "message", item["msg"]) for item in error.errors()
    ]
    return ValidationFailedError("The message is not valid.", details=details)
