"""The ranges of the TTS vendor's voice settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.vendors.tts.hooks import TtsRejection

RANGES = {"stability": (0.0, 1.0), "similarity_boost": (0.0, 1.0), "style": (0.0, 1.0), "speed": (0.7, 1.2)}


def check_voice_settings(settings: Mapping[str, Any] | None, location: tuple[str | int, ...]) -> None:
    """Check that each setting is in its range; the vendor's schemas do not have the ranges.

    UNCONFIRMED: 400 with `invalid_voice_settings` is in one public report (2025). The range of `speed` is in the vendor's
    AsyncAPI document.

    Args:
        settings: the settings, each of which may be None.
        location: the path to the settings in the request.

    Raises:
        TtsRejection: a setting is outside its range.
    """
    for name, (low, high) in RANGES.items():
        value = (settings or {}).get(name)
        if value is not None and not low <= value <= high:
            message = (
                f"Invalid setting for {name} received, expected to be greater or equal to {low} "
                f"and less or equal to {high}, received {value}."
            )
            raise TtsRejection(
                400, {"status": "invalid_voice_settings", "message": message}, (*location, name)
            )
