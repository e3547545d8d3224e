"""The TTS vendor's voice settings: their ranges, and those of each voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.hooks import TtsRejection, not_found
from provider_verification.stubs.vendors.tts.state import DEFAULT_VOICE_SETTINGS, TtsState

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


@stub.operation("getDefaultVoiceSettings")
def get_default_voice_settings(_state: TtsState, _request: StubRequest) -> StubResponse:
    """The settings of a voice that has none of its own."""
    return ok(DEFAULT_VOICE_SETTINGS)


@stub.operation("getVoiceSettings")
def get_voice_settings(state: TtsState, request: StubRequest) -> StubResponse:
    """The settings of a voice."""
    voice = state.voices.get(request.path_params["voice_id"])
    if voice is None:
        return not_found("voice", request.path_params["voice_id"])
    return ok(voice["settings"] or DEFAULT_VOICE_SETTINGS)


@stub.operation("editVoiceSettings")
def edit_voice_settings(state: TtsState, request: StubRequest) -> StubResponse:
    """Change the settings that the body has, and keep the others; the vendor's SDK has the response."""
    voice = state.voices.get(request.path_params["voice_id"])
    if voice is None:
        return not_found("voice", request.path_params["voice_id"])
    check_voice_settings(request.body, ("body",))
    changes = {
        name: request.body[name] for name in DEFAULT_VOICE_SETTINGS if request.body.get(name) is not None
    }
    voice["settings"] = {**DEFAULT_VOICE_SETTINGS, **(voice["settings"] or {}), **changes}
    return ok({"status": "ok"})
