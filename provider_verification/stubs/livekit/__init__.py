"""LiveKit's stub: answers as the open-source server 1.13 was seen to give them."""

from __future__ import annotations

from provider_verification.stubs.livekit.rules import HOOKS
from provider_verification.stubs.livekit.server import API_KEY, API_SECRET, LiveKitState
from provider_verification.stubs.stub import StubDefinition

stub: StubDefinition[LiveKitState] = StubDefinition(
    state_factory=LiveKitState,
    hooks=HOOKS,
    env_vars={"LIVEKIT_URL": "{url}", "LIVEKIT_API_KEY": API_KEY, "LIVEKIT_API_SECRET": API_SECRET},
)
