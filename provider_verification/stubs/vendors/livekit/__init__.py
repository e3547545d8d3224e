"""Stub of LiveKit: behaves like the recorded open-source server 1.13.5 with its SIP service."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubDefinition
from provider_verification.stubs.vendors.livekit.hooks import HOOKS
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET, LiveKitState

stub: StubDefinition[LiveKitState] = StubDefinition(
    state_factory=LiveKitState,
    hooks=HOOKS,
    env_vars={"LIVEKIT_URL": "{url}", "LIVEKIT_API_KEY": API_KEY, "LIVEKIT_API_SECRET": API_SECRET},
)
