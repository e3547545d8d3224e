"""What `make stubs` starts with at the TTS vendor: voices of several kinds, and a history."""

from __future__ import annotations

from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.state import FIXED_TIME, TtsState, voice_json

HISTORY = (
    ("concierge", "Good evening, and welcome.", "eleven_flash_v2_5"),
    ("concierge", "Guten Abend.", "eleven_flash_v2_5"),
    ("porter", "Your luggage is in your room.", "eleven_multilingual_v2"),
    ("night-desk", "Breakfast is from seven to ten.", "eleven_flash_v2_5"),
)


@stub.world
def furnish(state: TtsState) -> None:
    """Add a cloned voice, one that needs another plan, and a history; `no voice` and `no history` take them away."""
    state.voices["night-desk"] = voice_json(
        "night-desk",
        name="Night desk",
        category="cloned",
        labels={"language": "de", "accent": "neutral"},
        settings={
            "stability": 0.7,
            "similarity_boost": 0.75,
            "style": 0.0,
            "use_speaker_boost": True,
            "speed": 0.95,
        },
        is_owner=True,
        created_at_unix=FIXED_TIME,
    )
    state.voices["celebrity"] = voice_json("celebrity", paid=True)
    for voice_id, text, model_id in HISTORY:
        state.synthesize(voice_id, text, model_id)
