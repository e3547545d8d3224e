"""The parts of the TTS vendor's responses that the orchestrator reads."""

from __future__ import annotations

from orchestrator.vendors.models import ResponseModel


class Voice(ResponseModel):
    """A voice; `labels` contains its language and accent, among others."""

    voice_id: str
    name: str
    labels: dict[str, str]


class VoicePage(ResponseModel):
    """One page of voices; `next_page_token` requests the next one, if `has_more`."""

    voices: list[Voice]
    has_more: bool
    next_page_token: str | None = None


class BusinessErrorDetail(ResponseModel):
    """A business error: `code` identifies it in the newer form, `status` in the older one; `message` is for people."""

    message: str | None = None
    code: str | None = None
    status: str | None = None


class ErrorBody(ResponseModel):
    """The body of a business error."""

    detail: BusinessErrorDetail


class Alignment(ResponseModel):
    """Start and end of each character, in seconds from the start of the text; the lists are equally long."""

    characters: list[str]
    character_start_times_seconds: list[float]
    character_end_times_seconds: list[float]


class AudioWithTimestamps(ResponseModel):
    """A chunk of audio in base64 with the times of its characters; a chunk may have none."""

    audio_base64: str
    alignment: Alignment | None = None


class Subscription(ResponseModel):
    """The characters used (`character_count`) of those that the plan includes (`character_limit`)."""

    character_count: int
    character_limit: int
