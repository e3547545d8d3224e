"""Stub of the TTS vendor: the ElevenLabs API."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubDefinition
from provider_verification.stubs.vendors.tts.hooks import HOOKS
from provider_verification.stubs.vendors.tts.state import API_KEY, TtsState

stub: StubDefinition[TtsState] = StubDefinition(
    state_factory=TtsState,
    hooks=HOOKS,
    env_vars={"TTS_SERVICE_URL": "{url}", "TTS_API_KEY": API_KEY},
)
