"""Text to speech."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import Field

from orchestrator.api.dependencies import ContainerDep, require_permission
from orchestrator.api.error_handlers import error_responses
from orchestrator.api.models import StrictModel
from orchestrator.api.route import StrictRoute
from orchestrator.errors import FieldError, ServiceUnavailableError, ValidationFailedError
from orchestrator.security.roles import Permission
from orchestrator.speech.service import AUDIO_FORMATS
from orchestrator.vendors.errors import RequestRejected, VendorError

router = APIRouter(route_class=StrictRoute)
AUDIO_RESPONSE_CONTENT = {
    media: {"schema": {"type": "string", "format": "binary"}} for _, media in AUDIO_FORMATS.values()
}


class SynthesizeRequest(StrictModel):
    """Text to speak. Without `voice` the language's voice is used."""

    text: str = Field(min_length=1, max_length=5000, pattern=r"\S")
    voice: str | None = Field(None, pattern=r"^[A-Za-z0-9_\-]{1,64}$")
    language: str = Field("en", pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{1,8})*$", max_length=35)
    format: Literal["mp3", "pcm", "ulaw", "opus"] = "mp3"
    # the range that ElevenLabs accepts
    speed: float | None = Field(None, ge=0.7, le=1.2)


@router.post(
    "/tts/synthesize",
    responses={200: {"content": AUDIO_RESPONSE_CONTENT}, **error_responses(401, 403, 422)},
    response_class=StreamingResponse,
    dependencies=[Depends(require_permission(Permission.CALL_START))],
)
async def synthesize(body: SynthesizeRequest, container: ContainerDep) -> StreamingResponse:
    """Stream the audio while the vendor generates it. Repeated requests are served from a cache."""
    request = container.speech.build_request(
        body.text,
        language=body.language,
        voice=body.voice,
        audio_format=body.format,
        speed=body.speed,
    )
    try:
        # the vendor's status is known before ours is sent, so its errors can still become a 422 or 503
        chunks = await container.speech.stream(request)
    except RequestRejected:
        problem = FieldError("text, voice or language", "should be what the TTS vendor can speak")
        raise ValidationFailedError("This cannot be spoken.", details=[problem]) from None
    except VendorError as error:
        raise ServiceUnavailableError(
            "The TTS vendor is unavailable.", retry_after=error.retry_after
        ) from None
    return StreamingResponse(chunks, media_type=AUDIO_FORMATS[body.format][1])
