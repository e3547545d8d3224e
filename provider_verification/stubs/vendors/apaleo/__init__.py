"""Stub of Apaleo, a property management system: one small hotel."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubDefinition
from provider_verification.stubs.vendors.apaleo.hooks import HOOKS
from provider_verification.stubs.vendors.apaleo.state import CLIENT_ID, CLIENT_SECRET, ApaleoState

stub: StubDefinition[ApaleoState] = StubDefinition(
    state_factory=ApaleoState,
    hooks=HOOKS,
    env_vars={
        "PMS_API_URL": "{url}",
        "PMS_IDENTITY_URL": "{url}",
        "PMS_CLIENT_ID": CLIENT_ID,
        "PMS_CLIENT_SECRET": CLIENT_SECRET,
    },
)
