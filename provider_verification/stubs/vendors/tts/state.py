"""The state of the TTS vendor: voices, keys, quota, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEY = "stub-tts-key"


def voice_json(voice_id: str, *, paid: bool = False) -> dict[str, Any]:
    """A voice as the vendor describes one."""
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
    """The vendor's world; characters are its currency."""

    keys: set[str] = field(default_factory=lambda: {KEY})
    voices: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: voice_json(name) for name in ("concierge", "porter", "manager")}
    )
    remaining_characters: int = 100_000
    busy: bool = False
    retry_after: int | None = None
    down: bool = False
    used_characters: int = 0
    character_limit: int = 100_000
    history: list[tuple[str, str]] = field(default_factory=list)
