"""State of the TTS stub: API keys, voices, remaining characters, history and outages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

API_KEY = "stub-tts-key"
FIXED_TIME = 1_795_447_149
"""The stub's constant time, in seconds since 1970."""

CHARACTER_LIMIT = 100_000
"""Characters of the account's plan; the vendor bills characters."""


def history_item_id(number: int) -> str:
    """The id of the history's item with this number, counted from 1."""
    return f"item-{number:06}"


def voice_json(voice_id: str, *, paid: bool = False) -> dict[str, Any]:
    """A voice as the vendor returns it; a paid voice is available only to other plans."""
    return {
        "voice_id": voice_id,
        "name": voice_id.title(),
        "category": "professional" if paid else "premade",
        "labels": {"language": "en", "accent": "neutral"},
        "available_for_tiers": ["creator"] if paid else [],
        "high_quality_base_model_ids": ["eleven_multilingual_v2"],
        "description": None,
        "preview_url": None,
        "settings": None,
        "is_legacy": False,
        "is_mixed": False,
    }


@dataclass
class TtsState:
    """Everything the stub remembers; `history` holds voice id and text of each synthesis, the oldest first."""

    api_keys: set[str] = field(default_factory=lambda: {API_KEY})
    voices: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: voice_json(name) for name in ("concierge", "porter", "manager")}
    )
    character_limit: int = CHARACTER_LIMIT
    remaining_characters: int = CHARACTER_LIMIT
    request_count: int = 0
    history: list[tuple[str, str]] = field(default_factory=list)
    concurrency_limit_reached: bool = False
    retry_after: int | None = None
    is_down: bool = False

    def charge(self, voice_id: str, text: str) -> None:
        """Subtract the characters of a text and add it to the history."""
        self.remaining_characters -= len(text)
        self.history.append((voice_id, text))

    def missing_characters_message(self, text: str) -> str | None:
        """The vendor's message if fewer characters remain than the text needs, otherwise None."""
        if len(text) <= self.remaining_characters:
            return None
        return f"{len(text)} credits are needed, {self.remaining_characters} are left"
