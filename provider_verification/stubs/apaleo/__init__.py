"""Apaleo's stub: a small hotel."""

from __future__ import annotations

from provider_verification.stubs.apaleo.hotel import Hotel
from provider_verification.stubs.apaleo.rules import HOOKS
from provider_verification.stubs.stub import Stub

stub: Stub[Hotel] = Stub(
    world=Hotel,
    hooks=HOOKS,
    environment={
        "PMS_API_URL": "{url}",
        "PMS_IDENTITY_URL": "{url}",
        "PMS_CLIENT_ID": "stub-client",
        "PMS_CLIENT_SECRET": "stub-secret",
    },
)
