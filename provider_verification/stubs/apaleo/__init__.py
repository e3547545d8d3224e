"""Apaleo's stub: a small hotel."""

from __future__ import annotations

from provider_verification.stubs.apaleo.hotel import ApaleoState
from provider_verification.stubs.apaleo.rules import HOOKS
from provider_verification.stubs.stub import StubDefinition

stub: StubDefinition[ApaleoState] = StubDefinition(
    state_factory=ApaleoState,
    hooks=HOOKS,
    env_vars={
        "PMS_API_URL": "{url}",
        "PMS_IDENTITY_URL": "{url}",
        "PMS_CLIENT_ID": "stub-client",
        "PMS_CLIENT_SECRET": "stub-secret",
    },
)
