"""Mews's stub: one hotel of a chain."""

from __future__ import annotations

from provider_verification.stubs.mews.enterprise import ACCESS_TOKEN, CLIENT_TOKEN, Enterprise
from provider_verification.stubs.mews.rules import HOOKS
from provider_verification.stubs.stub import Stub

stub: Stub[Enterprise] = Stub(
    world=Enterprise,
    hooks=HOOKS,
    environment={
        "MEWS_API_URL": "{url}",
        "MEWS_CLIENT_TOKEN": CLIENT_TOKEN,
        "MEWS_ACCESS_TOKEN": ACCESS_TOKEN,
    },
)
