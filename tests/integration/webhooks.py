"""Webhooks of vendors, built from the stubs' own messages."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt

from local_stack.stack import WEBHOOK_SECRET, Stack
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.integration.api import TIMEOUT_SECONDS
from tests.integration.pact_coverage import DELIVERED_WEBHOOKS
from tests.integration.vendors import StubClients


def room_finished(vendors: StubClients, call_id: str) -> bytes:
    """Return LiveKit's message that the room of a call was finished."""
    event = json.loads(vendors.livekit.message("a room was finished"))
    event["room"]["name"], event["id"] = f"call-{call_id}", f"EV_{call_id}"
    return json.dumps(event).encode()


def livekit_event(vendors: StubClients, description: str, call_id: str, number: int = 1) -> bytes:
    """Return LiveKit's message about the room of a call.

    Another `number` makes it another event of the same kind, about another participant.
    """
    event = json.loads(vendors.livekit.message(description))
    event["room"]["name"], event["id"] = f"call-{call_id}", f"EV_{call_id}_{description}_{number}"
    if "participant" in event:
        event["participant"]["sid"] = f"PA_{call_id}_{number}"
    return json.dumps(event).encode()


def sign_livekit(body: bytes, secret: str = API_SECRET, **claims: Any) -> str:
    """Return LiveKit's signature of a body: a JWT with the body's SHA-256; `claims` replace or (None) remove its claims."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    now = int(time.time())
    payload = {"iss": API_KEY, "nbf": now, "exp": now + 300, "sha256": digest, **claims}
    payload = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(payload, secret, algorithm="HS256")


LIVEKIT_FORGERIES: dict[str, Callable[[bytes], str]] = {
    "no signature": lambda _: "",
    "no JWT": lambda _: "signed",
    "another secret": lambda body: sign_livekit(body, "another-secret" * 4),
    "unknown API key": lambda body: sign_livekit(body, iss="unknown"),
    "no API key": lambda body: sign_livekit(body, iss=None),
    "expired": lambda body: sign_livekit(body, nbf=0, exp=1_000_000_000),
    "not yet valid": lambda body: sign_livekit(body, nbf=4_000_000_000, exp=4_000_000_300),
    "no hash": lambda body: sign_livekit(body, sha256=None),
    "hash of nothing": lambda _: sign_livekit(b""),
    "unsigned": lambda body: sign_livekit(body).rpartition(".")[0] + ".",
}
"""Signatures of a body that the service has to reject."""


def deliver_livekit(stack: Stack, body: bytes, signature: str | None = None) -> httpx.Response:
    """Send a LiveKit webhook, correctly signed unless another signature is given."""
    return _note("livekit", body, post_livekit(stack, body, signature))


def deliver_apaleo(stack: Stack, body: bytes, secret: str = WEBHOOK_SECRET) -> httpx.Response:
    """Send an Apaleo webhook."""
    return _note("apaleo", body, post_apaleo(stack, body, secret))


def post_livekit(stack: Stack, body: bytes, signature: str | None = None) -> httpx.Response:
    """Send a LiveKit webhook, without exercising the message of the pact."""
    headers = {
        "Authorization": sign_livekit(body) if signature is None else signature,
        "Content-Type": "application/webhook+json",
    }
    url = f"{stack.url}/v1/livekit/webhook"
    return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_SECONDS)


def post_apaleo(stack: Stack, body: bytes, secret: str = WEBHOOK_SECRET) -> httpx.Response:
    """Send an Apaleo webhook, without exercising the message of the pact."""
    url = f"{stack.url}/v1/apaleo/webhook"
    return httpx.post(url, params={"secret": secret}, content=body, timeout=TIMEOUT_SECONDS)


def _note(vendor: str, body: bytes, response: httpx.Response) -> httpx.Response:
    if response.is_success:
        DELIVERED_WEBHOOKS.append((vendor, body))
    return response


def deliver_apaleo_event(
    stack: Stack, vendors: StubClients, description: str, entity_id: str, secret: str = WEBHOOK_SECRET
) -> httpx.Response:
    """Send one of Apaleo's messages about an entity."""
    event = json.loads(vendors.apaleo.message(description))
    event["data"]["entityId"], event["id"] = entity_id, f"{description}-{time.time_ns()}"
    return deliver_apaleo(stack, json.dumps(event).encode(), secret)
