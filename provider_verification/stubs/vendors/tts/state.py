"""State of the TTS stub: API keys, voices, remaining characters, history and outages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

API_KEY = "stub-tts-key"
FIXED_TIME = 1_795_447_149
"""The stub's constant time, in seconds since 1970."""

CHARACTER_LIMIT = 100_000
"""Characters of the account's plan; the vendor bills characters."""

MAX_HISTORY_ITEMS = 10_000
"""The oldest items are dropped first, so that a stub that runs for hours does not grow."""

VOICE_LIMIT = 30
"""Voices of the account's plan."""

DEFAULT_MODEL = "eleven_multilingual_v2"
DEFAULT_FORMAT = "mp3_44100_128"
DEFAULT_VOICE_SETTINGS = {
    "stability": 0.5,
    "similarity_boost": 0.75,
    "style": 0.0,
    "use_speaker_boost": True,
    "speed": 1.0,
}
"""The vendor's AsyncAPI document has these defaults."""


def history_item_id(number: int) -> str:
    """The id of the history's item with this number, counted from 1."""
    return f"item-{number:06}"


def voice_json(voice_id: str, *, paid: bool = False, **fields: Any) -> dict[str, Any]:
    """A voice as the vendor returns it; a paid voice is available only to other plans."""
    return {
        "voice_id": voice_id,
        "name": voice_id.title(),
        "category": "professional" if paid else "premade",
        "labels": {"language": "en", "accent": "neutral"},
        "available_for_tiers": ["enterprise"] if paid else [],
        "high_quality_base_model_ids": [DEFAULT_MODEL],
        "description": None,
        "preview_url": None,
        "settings": None,
        "is_legacy": False,
        "is_mixed": False,
        **fields,
    }


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One synthesis.

    Attributes:
        number: counted from 1, in the order of the syntheses.
        request_id: the header `request-id` of its response, which later requests refer to.
        settings: the voice settings that applied.
    """

    number: int
    request_id: str
    voice_id: str
    voice_name: str
    voice_category: str
    text: str
    model_id: str
    output_format: str
    settings: dict[str, Any]

    @property
    def id(self) -> str:
        """The item's id."""
        return history_item_id(self.number)


@dataclass
class TtsState:
    """Everything the stub remembers; `history` has the syntheses by their ids, the oldest first."""

    api_keys: set[str] = field(default_factory=lambda: {API_KEY})
    voices: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: voice_json(name) for name in ("concierge", "porter", "manager")}
    )
    pronunciation_dictionaries: set[str] = field(default_factory=set)
    character_limit: int = CHARACTER_LIMIT
    remaining_characters: int = CHARACTER_LIMIT
    synthesis_count: int = 0
    created_voices: int = 0
    history: dict[str, HistoryItem] = field(default_factory=dict)
    concurrency_limit_reached: bool = False
    retry_after: int | None = None
    is_down: bool = False

    def synthesize(
        self,
        voice_id: str,
        text: str,
        model_id: str = DEFAULT_MODEL,
        output_format: str = DEFAULT_FORMAT,
        settings: dict[str, Any] | None = None,
    ) -> HistoryItem:
        """Subtract the characters of a text and add it to the history."""
        self.remaining_characters -= len(text)
        return self.record(voice_id, text, model_id, output_format, settings)

    def record(
        self,
        voice_id: str,
        text: str,
        model_id: str = DEFAULT_MODEL,
        output_format: str = DEFAULT_FORMAT,
        settings: dict[str, Any] | None = None,
    ) -> HistoryItem:
        """Add a synthesis to the history, without charging it."""
        self.synthesis_count += 1
        voice = self.voices.get(voice_id, {})
        item = HistoryItem(
            number=self.synthesis_count,
            request_id=f"stub-{self.synthesis_count}",
            voice_id=voice_id,
            voice_name=voice.get("name", voice_id),
            voice_category=voice.get("category", "premade"),
            text=text,
            model_id=model_id,
            output_format=output_format,
            settings={**DEFAULT_VOICE_SETTINGS, **(voice.get("settings") or {}), **(settings or {})},
        )
        self.history[item.id] = item
        if len(self.history) > MAX_HISTORY_ITEMS:
            del self.history[next(iter(self.history))]
        return item

    def has_request(self, request_id: str) -> bool:
        """Return whether the history has a synthesis with this request id."""
        return any(item.request_id == request_id for item in self.history.values())

    def missing_characters_message(self, text: str) -> str | None:
        """The vendor's message if fewer characters remain than the text needs, otherwise None."""
        if len(text) <= self.remaining_characters:
            return None
        return f"{len(text)} credits are needed, {self.remaining_characters} are left"
