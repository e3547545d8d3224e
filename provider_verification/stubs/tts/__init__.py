"""The TTS vendor's stub: the ElevenLabs API."""

from __future__ import annotations

from provider_verification.stubs.stub import StubDefinition
from provider_verification.stubs.tts.rules import HOOKS
from provider_verification.stubs.tts.studio import TtsState

stub: StubDefinition[TtsState] = StubDefinition(
    state_factory=TtsState,
    hooks=HOOKS,
    env_vars={"TTS_SERVICE_URL": "{url}", "TTS_API_KEY": "stub-tts-key"},
)
