"""Text to speech."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from orchestrator.api.dependencies import ContainerDep, require_hotel, require_permission
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import StrictModel
from orchestrator.api.route import StrictRoute
from orchestrator.calls.events import Identifier
from orchestrator.errors import FieldError, ServiceError, ServiceUnavailableError, ValidationFailedError
from orchestrator.security.authentication import Principal
from orchestrator.security.roles import Permission
from orchestrator.speech.options import AUDIO_FORMATS, SpeechOptions
from orchestrator.speech.service import SpeechService
from orchestrator.speech.timed_audio import TimedAudio
from orchestrator.vendors.errors import NotFound, RequestRejected, VendorError
from orchestrator.vendors.tts.errors import is_quota_exceeded

router = APIRouter(route_class=StrictRoute)
MAX_TEXT_LENGTH = 50_000
"""About an hour of speech; the limit of the body allows no more."""
CAPTIONS_MEDIA_TYPE = "application/x-ndjson"
AUDIO_RESPONSE_CONTENT = {
    media: {"schema": {"type": "string", "format": "binary"}} for _, media in AUDIO_FORMATS.values()
}
CAPTIONS_RESPONSE_CONTENT = {
    CAPTIONS_MEDIA_TYPE: {
        "schema": {"type": "string", "description": "A JSON object per line: see the route's description."}
    }
}
SpeakingPrincipal = Annotated[Principal, Depends(require_permission(Permission.CALL_START))]


class SpeechParameters(StrictModel):
    """How a text is spoken. Without `voice` the language's voice of the hotel is used."""

    voice: str | None = Field(None, pattern=r"^[A-Za-z0-9_\-]{1,64}$")
    language: str = Field("en", pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{1,8})*$", max_length=35)
    format: Literal["mp3", "pcm", "ulaw", "opus"] = "mp3"
    hotel_id: Identifier | None = None

    def options(self, speech: SpeechService, speed: float | None = None) -> SpeechOptions:
        """Return the options of the speech service."""
        return speech.options(
            language=self.language,
            audio_format=self.format,
            hotel_id=self.hotel_id,
            voice=self.voice,
            speed=speed,
        )


class SynthesizeRequest(SpeechParameters):
    """Text to speak."""

    text: str = Field(min_length=1, max_length=MAX_TEXT_LENGTH, pattern=r"\S")
    # the range that ElevenLabs accepts
    speed: float | None = Field(None, ge=0.7, le=1.2)


@router.post(
    "/tts/synthesize",
    responses={200: {"content": AUDIO_RESPONSE_CONTENT}, **error_responses(401, 403, 422)},
    response_class=StreamingResponse,
)
async def synthesize(
    body: SynthesizeRequest, container: ContainerDep, principal: SpeakingPrincipal, request: Request
) -> StreamingResponse:
    """Stream the audio while the vendor generates it. Repeated requests are served from a cache."""
    require_hotel(principal, request, body.hotel_id)
    speech = container.vendors.speech
    try:
        # the vendor's status is known before ours is sent, so its errors can still become a 422 or 503
        chunks = await speech.stream(body.text, body.options(speech, body.speed))
    except VendorError as error:
        raise speech_error(error) from None
    return StreamingResponse(chunks, media_type=AUDIO_FORMATS[body.format][1])


@router.post(
    "/tts/captions",
    responses={200: {"content": CAPTIONS_RESPONSE_CONTENT}, **error_responses(401, 403, 422)},
    response_class=StreamingResponse,
)
async def caption(
    body: SynthesizeRequest, container: ContainerDep, principal: SpeakingPrincipal, request: Request
) -> StreamingResponse:
    """Stream the audio with the time of each character, while the vendor generates it.

    Each line is a JSON object: `audio` in base64, and lists of the same length: `characters`, and their `starts` and `ends`
    in seconds from the start of the text. The lists are empty where the vendor gives no times. Nothing is cached.
    """
    require_hotel(principal, request, body.hotel_id)
    speech = container.vendors.speech
    try:
        chunks = await speech.stream_with_times(body.text, body.options(speech, body.speed))
    except VendorError as error:
        raise speech_error(error) from None
    return StreamingResponse(_lines(chunks), media_type=CAPTIONS_MEDIA_TYPE)


def caption_of(chunk: TimedAudio) -> dict[str, list[str] | list[float]]:
    """Return the characters of a chunk and their times, as clients get them."""
    return {"characters": list(chunk.characters), "starts": list(chunk.starts), "ends": list(chunk.ends)}


def speech_error(error: VendorError) -> ServiceError:
    """Return the error of the API for an error of the vendor: 422 for what cannot be spoken, otherwise 503."""
    if is_quota_exceeded(error):
        message = "The characters of the TTS vendor's plan are used up."
        return ServiceUnavailableError(message, retry_after=error.retry_after)
    if isinstance(error, NotFound | RequestRejected):
        problem = FieldError("text, voice or language", "should be what the TTS vendor can speak")
        return ValidationFailedError("This cannot be spoken.", details=[problem])
    return ServiceUnavailableError("The TTS vendor is unavailable.", retry_after=error.retry_after)


async def _lines(chunks: AsyncIterator[TimedAudio]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        line = {"audio": base64.b64encode(chunk.audio).decode(), **caption_of(chunk)}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
