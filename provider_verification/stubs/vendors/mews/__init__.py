"""Stub of Mews, a property management system: one hotel of a chain."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubDefinition
from provider_verification.stubs.vendors.mews.hooks import HOOKS
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN, MewsState

stub: StubDefinition[MewsState] = StubDefinition(
    state_factory=MewsState,
    hooks=HOOKS,
    env_vars={
        "MEWS_API_URL": "{url}",
        "MEWS_CLIENT_TOKEN": CLIENT_TOKEN,
        "MEWS_ACCESS_TOKEN": ACCESS_TOKEN,
    },
)
