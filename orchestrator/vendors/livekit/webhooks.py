"""LiveKit's webhook events: signed over the exact bytes of the body, camelCase, without fields that have a zero value."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import jwt
from pydantic import ConfigDict, Field

from orchestrator.vendors.models import ResponseModel, parse_json

CLOCK_SKEW_SECONDS = 60
"""The difference between LiveKit's clock and ours that is accepted."""


class WebhookRoom(ResponseModel):
    """The room of an event. A room may have no name."""

    name: str = ""


class WebhookParticipant(ResponseModel):
    """The participant of an event; that of a track event, and one of the kind STANDARD, has no kind."""

    kind: str | None = None


class WebhookEvent(ResponseModel):
    """A webhook event. Unknown event names are accepted; a redelivered event has the same `id`.

    `created_at` is in seconds since 1970.
    """

    model_config = ConfigDict(populate_by_name=True)

    event: str
    id: str
    created_at: int | None = Field(None, alias="createdAt")
    room: WebhookRoom | None = None
    participant: WebhookParticipant | None = None


class WebhookSignatureError(Exception):
    """The token of a webhook, or the body's hash in it, is not valid. The message never contains the token."""


def verify_and_parse(body: bytes, authorization: str, secrets: dict[str, str]) -> WebhookEvent:
    """Verify the signature of a webhook and parse its event.

    Args:
        body: the bytes as received; parsed and serialized again they have another hash.
        authorization: the header's value, which is a JWT without "Bearer".
        secrets: the API secrets by API key.

    Raises:
        WebhookSignatureError: the token is expired or not signed with one of the secrets, or the body was changed.
        InvalidVendorResponse: the signature is valid, but the body is not an event.
    """
    claims = _verify_token(authorization, secrets)
    signed_hash = claims.get("sha256")
    # standard base64, as in LiveKit's claim: neither hexadecimal nor URL-safe
    body_hash = base64.b64encode(hashlib.sha256(body).digest()).decode()
    # encoded, because compare_digest rejects a str that is not ASCII
    if not isinstance(signed_hash, str) or not hmac.compare_digest(signed_hash.encode(), body_hash.encode()):
        raise WebhookSignatureError("the body is not the one that was signed")
    return parse_event(body)


def parse_event(body: bytes) -> WebhookEvent:
    """Parse an event whose signature is verified.

    Raises:
        InvalidVendorResponse: with the paths of the invalid fields.
    """
    return parse_json(WebhookEvent, body, vendor="livekit", operation="webhook")


def _verify_token(token: str, secrets: dict[str, str]) -> dict[str, Any]:
    try:
        # unverified, because it only selects the secret that verifies it
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        secret = secrets.get(issuer) if isinstance(issuer, str) else None
        if secret is None:
            raise WebhookSignatureError("the token's issuer is not a known API key")
        # a token without an expiry could be replayed for ever
        return jwt.decode(
            token, secret, algorithms=["HS256"], leeway=CLOCK_SKEW_SECONDS, options={"require": ["exp"]}
        )
    except jwt.InvalidTokenError as error:
        raise WebhookSignatureError(f"the token is not valid: {type(error).__name__}") from None
