"""Text to speech."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.api.answers import documented
from orchestrator.api.dependencies import KnownFirst, Parts, may
from orchestrator.calls.voice import FORMATS
from orchestrator.errors import Detail, ServiceUnavailableError, ValidationFailedError
from orchestrator.security.roles import Permission
from orchestrator.vendors.errors import Rejected, VendorError

routes = APIRouter(route_class=KnownFirst)
AUDIO = {media: {"schema": {"type": "string", "format": "binary"}} for _, media in FORMATS.values()}


class Synthesis(BaseModel):
    """What is to be said; the voice is the language's when none is named."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=5000, pattern=r"\S")
    voice: str | None = Field(None, pattern=r"^[A-Za-z0-9_\-]{1,64}$")
    language: str = Field("en", pattern=r"^[a-z]{2}$")
    format: Literal["mp3", "pcm", "ulaw", "opus"] = "mp3"
    speed: float | None = Field(None, ge=0.7, le=1.2)


@routes.post(
    "/tts/synthesize",
    responses={200: {"content": AUDIO}, **documented(401, 403, 422, 503)},
    response_class=StreamingResponse,
    dependencies=[Depends(may(Permission.CALL_START))],
)
async def synthesize(wanted: Annotated[Synthesis, ...], parts: Parts) -> StreamingResponse:
    """The audio, streamed as the vendor speaks; said before, it comes from memory."""
    utterance = parts.voice.utterance(
        wanted.text, language=wanted.language, voice=wanted.voice, form=wanted.format, speed=wanted.speed
    )
    try:
        pieces = await parts.voice.stream(utterance)
    except Rejected:
        problem = Detail("text, voice or language", "should be what the voice vendor can speak")
        raise ValidationFailedError("This cannot be spoken.", details=[problem]) from None
    except VendorError as error:
        raise ServiceUnavailableError(
            "The voice vendor is not available.", retry_after=error.retry_after
        ) from None
    return StreamingResponse(pieces, media_type=FORMATS[wanted.format][1])
