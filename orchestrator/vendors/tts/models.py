"""What the orchestrator reads of the TTS vendor's answers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _ResponseModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Voice(_ResponseModel):
    """A voice that can be chosen; `labels` hold its language and accent, among others."""

    voice_id: str
    name: str
    labels: dict[str, str]


class VoicePage(_ResponseModel):
    """One page of voices; `next_page_token` asks for the next, if there is one."""

    voices: list[Voice]
    has_more: bool
    next_page_token: str | None = None


class BusinessErrorDetail(_ResponseModel):
    """The newer and the older form of a business error: `code` and `status` name it, `message` is for people."""

    message: str | None = None
    code: str | None = None
    status: str | None = None


class ErrorBody(_ResponseModel):
    """The body of a business error."""

    detail: BusinessErrorDetail


class ValidationItem(_ResponseModel):
    """What is wrong with one field of a request."""

    loc: list[str | int]
    msg: str


class ValidationBody(_ResponseModel):
    """The body of a validation error."""

    detail: list[ValidationItem]


@dataclass(frozen=True, slots=True)
class SynthesizedAudio:
    """Synthesized speech.

    Args:
        audio: the bytes, in the format that was asked for.
        media_type: the vendor's content type.
        characters: what the vendor charges for, or None when it does not say.
    """

    audio: bytes
    media_type: str
    character_cost: int | None


class Alignment(_ResponseModel):
    """When each character is said, in seconds; the lists are equally long."""

    characters: list[str]
    character_start_times_seconds: list[float]
    character_end_times_seconds: list[float]


class AudioWithTimestamps(_ResponseModel):
    """Speech with times; a piece of a stream may have none."""

    audio_base64: str
    alignment: Alignment | None = None


class VoiceList(_ResponseModel):
    """All voices."""

    voices: list[Voice]


class Model(_ResponseModel):
    """A model, and how long a text it takes."""

    model_id: str
    maximum_text_length_per_request: int
    can_do_text_to_speech: bool


class Subscription(_ResponseModel):
    """The plan: `character_count` of `character_limit` are used."""

    tier: str
    character_count: int
    character_limit: int
    status: Literal["trialing", "active", "incomplete", "past_due", "free", "free_disabled"]


class HistoryItem(_ResponseModel):
    """Something that was spoken; the time in seconds since 1970."""

    history_item_id: str
    date_unix: int
    character_count_change_to: int


class HistoryPage(_ResponseModel):
    """A page of the history."""

    history: list[HistoryItem]
    has_more: bool
    last_history_item_id: str | None = None
