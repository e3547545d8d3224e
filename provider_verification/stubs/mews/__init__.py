"""Mews's stub: one hotel of a chain."""

from __future__ import annotations

from provider_verification.stubs.mews.enterprise import ACCESS_TOKEN, CLIENT_TOKEN, MewsState
from provider_verification.stubs.mews.rules import HOOKS
from provider_verification.stubs.stub import StubDefinition

stub: StubDefinition[MewsState] = StubDefinition(
    state_factory=MewsState,
    hooks=HOOKS,
    env_vars={
        "MEWS_API_URL": "{url}",
        "MEWS_CLIENT_TOKEN": CLIENT_TOKEN,
        "MEWS_ACCESS_TOKEN": ACCESS_TOKEN,
    },
)
