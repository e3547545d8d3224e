"""LiveKit's webhooks, signed as LiveKit signs them."""

from __future__ import annotations

import base64
import hashlib
import json
import time

import httpx
import jwt

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.integration.vendors import StubClients

VALIDITY_SECONDS = 300


def room_finished_event(vendors: StubClients, call_id: str) -> bytes:
    """Return the stub's message `a room was finished` for the room of a call."""
    event = json.loads(vendors.livekit.message("a room was finished"))
    event["room"]["name"], event["id"] = f"call-{call_id}", f"EV_{call_id}"
    return json.dumps(event).encode()


def deliver_webhook(url: str, body: bytes, signed: bytes | None = None) -> httpx.Response:
    """Send a webhook to the service.

    Args:
        url: the service.
        body: the body that is sent.
        signed: the bytes that are signed, by default those of the body.
    """
    digest = base64.b64encode(hashlib.sha256(body if signed is None else signed).digest()).decode()
    now = int(time.time())
    claims = {"iss": API_KEY, "nbf": now, "exp": now + VALIDITY_SECONDS, "sha256": digest}
    headers = {
        "Authorization": jwt.encode(claims, API_SECRET, algorithm="HS256"),
        "Content-Type": "application/webhook+json",
    }
    return httpx.post(f"{url}/v1/livekit/webhook", content=body, headers=headers, timeout=20)
