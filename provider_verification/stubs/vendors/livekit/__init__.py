"""LiveKit's stub: answers as the open-source server 1.13 was seen to give them."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubDefinition
from provider_verification.stubs.vendors.livekit.hooks import HOOKS
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET, LiveKitState

stub: StubDefinition[LiveKitState] = StubDefinition(
    state_factory=LiveKitState,
    hooks=HOOKS,
    env_vars={"LIVEKIT_URL": "{url}", "LIVEKIT_API_KEY": API_KEY, "LIVEKIT_API_SECRET": API_SECRET},
)
