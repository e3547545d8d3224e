"""The choice of a TTS voice, and what is spoken instead of a voice that the vendor does not have."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cachetools import TTLCache

from orchestrator.observability import logging
from orchestrator.settings.vendors import DEFAULT_LANGUAGE
from orchestrator.vendors.errors import VendorError

VOICE_KINDS = frozenset({"female", "male"})
RETRY_SECONDS = 600.0
"""After this time an unavailable voice is tried again: it may have been added to the account, or the plan changed."""
MAX_UNAVAILABLE_VOICES = 1_000
_PAYMENT_REQUIRED = 402

VoiceIds = Mapping[str, Sequence[str]]
"""The vendor's voices by language (`de`), and by language and kind (`de-female`), the preferred one first."""


def primary_language(tag: str) -> str:
    """Return the primary language of a BCP 47 tag: `en` for `en-US`."""
    return tag.partition("-")[0].lower()


def select_voices(voice_ids: Iterable[VoiceIds], language: str, voice: str | None) -> tuple[str, ...]:
    """Return the vendor's ids of the voices that may speak, the preferred one first.

    Args:
        voice_ids: those of the hotel and those of the service; the last ones contain the default language.
        language: ISO 639-1.
        voice: `female` or `male`, a vendor's id, or None for the language's own voices.

    Voices of the requested kind precede the others of the language, those of the language precede those of the default
    language, and the hotel's precede the service's. A vendor's id has no alternative.
    """
    if voice and voice not in VOICE_KINDS:
        return (voice,)
    sources = list(voice_ids)
    keys = _keys(language, voice)
    names = (name for key in keys for source in sources for name in source.get(key, ()))
    return tuple(dict.fromkeys(names))


def _keys(language: str, kind: str | None) -> Iterator[str]:
    for name in (language, DEFAULT_LANGUAGE):
        if kind:
            yield f"{name}-{kind}"
        yield name


class VoiceAvailability:
    """Remembers voices that the vendor did not accept.

    Args:
        count_fallback: is called with the reason for each voice that another one replaces.
        clock: the current time in seconds.
    """

    def __init__(
        self, count_fallback: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._count_fallback = count_fallback
        self._unavailable: TTLCache[str, bool] = TTLCache(MAX_UNAVAILABLE_VOICES, RETRY_SECONDS, timer=clock)

    def usable(self, voices: Sequence[str]) -> Sequence[str]:
        """Return the voices without those that are unavailable; all of them if none would be left."""
        return [voice for voice in voices if voice not in self._unavailable] or voices

    def mark_unavailable(self, voice: str, error: VendorError) -> None:
        """Remember that the vendor does not have a configured voice, or not for this plan."""
        reason = "plan" if error.status == _PAYMENT_REQUIRED else "unknown"
        self._unavailable[voice] = True
        self._count_fallback(reason)
        logging.warning("tts_voice_unavailable", voice=voice, reason=reason)
