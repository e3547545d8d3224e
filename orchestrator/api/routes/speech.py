"""Text to speech."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.api.dependencies import AuthenticateFirstRoute, ContainerDep, require_permission
from orchestrator.api.error_handlers import error_responses
from orchestrator.errors import FieldError, ServiceUnavailableError, ValidationFailedError
from orchestrator.security.roles import Permission
from orchestrator.speech.service import AUDIO_FORMATS
from orchestrator.vendors.errors import RequestRejected, VendorError

router = APIRouter(route_class=AuthenticateFirstRoute)
AUDIO_RESPONSE_CONTENT = {
    media: {"schema": {"type": "string", "format": "binary"}} for _, media in AUDIO_FORMATS.values()
}


class SynthesizeRequest(BaseModel):
    """What is to be said; the voice is the language's when none is named."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=5000, pattern=r"\S")
    voice: str | None = Field(None, pattern=r"^[A-Za-z0-9_\-]{1,64}$")
    language: str = Field("en", pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{1,8})*$", max_length=35)
    format: Literal["mp3", "pcm", "ulaw", "opus"] = "mp3"
    speed: float | None = Field(None, ge=0.7, le=1.2)


@router.post(
    "/tts/synthesize",
    responses={200: {"content": AUDIO_RESPONSE_CONTENT}, **error_responses(401, 403, 422, 503)},
    response_class=StreamingResponse,
    dependencies=[Depends(require_permission(Permission.CALL_START))],
)
async def synthesize(wanted: Annotated[SynthesizeRequest, ...], parts: ContainerDep) -> StreamingResponse:
    """The audio, streamed as the vendor speaks; said before, it comes from memory."""
    utterance = parts.speech.build_request(
        wanted.text,
        language=wanted.language,
        voice=wanted.voice,
        audio_format=wanted.format,
        speed=wanted.speed,
    )
    try:
        pieces = await parts.speech.stream(utterance)
    except RequestRejected:
        problem = FieldError("text, voice or language", "should be what the voice vendor can speak")
        raise ValidationFailedError("This cannot be spoken.", details=[problem]) from None
    except VendorError as error:
        raise ServiceUnavailableError(
            "The voice vendor is not available.", retry_after=error.retry_after
        ) from None
    return StreamingResponse(pieces, media_type=AUDIO_FORMATS[wanted.format][1])
