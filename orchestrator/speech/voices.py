"""The choice of a TTS voice."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.settings.vendors import DEFAULT_LANGUAGE

VOICE_KINDS = frozenset({"female", "male"})


def primary_language(tag: str) -> str:
    """Return the primary language of a BCP 47 tag: `en` for `en-US`."""
    return tag.partition("-")[0].lower()


def select_voice(voice_ids: Mapping[str, str], language: str, voice: str | None) -> str:
    """Return the vendor's id of a voice.

    Args:
        voice_ids: the vendor's voice by language (`de`), and by language and kind (`de-female`); it contains a voice
            of the default language.
        language: ISO 639-1.
        voice: `female` or `male`, a vendor's id, or None for the language's default voice.

    Without a voice of the requested kind, the default voice of the language is used; without one of the language, the
    voices of the default language.
    """
    if voice and voice not in VOICE_KINDS:
        return voice
    keys = [language, DEFAULT_LANGUAGE]
    if voice:
        keys = [f"{language}-{voice}", language, f"{DEFAULT_LANGUAGE}-{voice}", DEFAULT_LANGUAGE]
    return next(voice_ids[key] for key in keys if key in voice_ids)
