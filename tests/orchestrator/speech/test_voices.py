"""The choice of a TTS voice."""

from __future__ import annotations

import pytest

from orchestrator.speech.voices import primary_language, select_voice

VOICES = {
    "en": "concierge",
    "en-male": "porter",
    "de": "hausdame",
    "de-female": "hausdame",
    "fr-male": "concierge-fr",
}


@pytest.mark.parametrize(
    ("language", "voice", "voice_id"),
    [
        ("en", None, "concierge"),
        ("en", "male", "porter"),
        ("en", "female", "concierge"),
        ("de", "female", "hausdame"),
        ("de", "male", "hausdame"),
        ("fr", "male", "concierge-fr"),
        ("fr", "female", "concierge"),
        ("it", "male", "porter"),
        ("it", None, "concierge"),
        ("de", "manager", "manager"),
    ],
)
def test_voice_is_selected_by_language_and_kind(language: str, voice: str | None, voice_id: str) -> None:
    """A voice of the kind in the language, else the language's own voice, else English; an id is used as it is."""
    assert select_voice(VOICES, language, voice) == voice_id


@pytest.mark.parametrize(
    ("tag", "language"), [("en-US", "en"), ("DE", "de"), ("zh-Hans-CN", "zh"), ("fr", "fr")]
)
def test_primary_language_of_a_tag(tag: str, language: str) -> None:
    """BCP 47: the first subtag, in any case."""
    assert primary_language(tag) == language
