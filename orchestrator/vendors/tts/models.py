"""The parts of the TTS vendor's responses that the orchestrator reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


class ValidationItem(ResponseModel):
    """An invalid field of a request."""

    loc: list[str | int]
    msg: str


class ValidationBody(ResponseModel):
    """The body of a validation error."""

    detail: list[ValidationItem]


@dataclass(frozen=True, slots=True)
class SynthesizedAudio:
    """Synthesized speech.

    Args:
        audio: the bytes, in the requested format.
        media_type: the vendor's content type.
        character_cost: the characters that the vendor charges, or None if it does not report them.
    """

    audio: bytes
    media_type: str
    character_cost: int | None


class Alignment(ResponseModel):
    """Start and end of each character, in seconds; the lists are equally long."""

    characters: list[str]
    character_start_times_seconds: list[float]
    character_end_times_seconds: list[float]


class AudioWithTimestamps(ResponseModel):
    """Audio with the times of its characters; a chunk of a stream may have none."""

    audio_base64: str
    alignment: Alignment | None = None


class VoiceList(ResponseModel):
    """All voices, in the form of version 1 of the API."""

    voices: list[Voice]


class Model(ResponseModel):
    """A model, with the longest text it accepts, in characters."""

    model_id: str
    maximum_text_length_per_request: int
    can_do_text_to_speech: bool


class Subscription(ResponseModel):
    """The plan, with the characters used (`character_count`) of those included (`character_limit`)."""

    tier: str
    character_count: int
    character_limit: int
    status: Literal["trialing", "active", "incomplete", "past_due", "free", "free_disabled"]


class HistoryItem(ResponseModel):
    """A synthesized text; `date_unix` is in seconds since 1970."""

    history_item_id: str
    date_unix: int
    character_count_change_to: int


class HistoryPage(ResponseModel):
    """One page of the history, newest items first."""

    history: list[HistoryItem]
    has_more: bool
    last_history_item_id: str | None = None
