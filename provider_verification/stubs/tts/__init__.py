"""The TTS vendor's stub: the ElevenLabs API."""

from __future__ import annotations

from provider_verification.stubs.stub import Stub
from provider_verification.stubs.tts.rules import HOOKS
from provider_verification.stubs.tts.studio import Studio

stub: Stub[Studio] = Stub(
    world=Studio,
    hooks=HOOKS,
    environment={"TTS_SERVICE_URL": "{url}", "TTS_API_KEY": "stub-tts-key"},
)
