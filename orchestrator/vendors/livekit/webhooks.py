"""LiveKit's webhooks: signed over the exact bytes of the body, camelCase, zero values left out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestrator.vendors.errors import InvalidVendorResponse

CLOCK_SKEW_SECONDS = 60
"""Seconds that LiveKit's clock and ours may differ."""


class WebhookRoom(BaseModel):
    """The room an event is about; in track events it has a sid and a name only. A room may have no name."""

    model_config = ConfigDict(frozen=True)

    sid: str
    name: str = ""


class WebhookParticipant(BaseModel):
    """The participant an event is about; in track events it has a sid and an identity only."""

    model_config = ConfigDict(frozen=True)

    sid: str
    identity: str
    kind: str | None = None
    attributes: dict[str, str] = {}


class WebhookEvent(BaseModel):
    """An event. Unknown event names pass; `id` is the same when LiveKit delivers it again."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    event: str
    id: str
    created_at: int = Field(alias="createdAt")
    room: WebhookRoom | None = None
    participant: WebhookParticipant | None = None


class WebhookSignatureError(Exception):
    """A webhook is not LiveKit's: its token or the hash in it is wrong. The message never holds the token."""


def verify_and_parse(body: bytes, authorization: str, secrets: dict[str, str]) -> WebhookEvent:
    """Verify a webhook and read it.

    Args:
        body: the bytes as they came; parsed and dumped again they have another hash.
        authorization: the header: a JWT without "Bearer".
        secrets: our API secrets by API key.

    Raises:
        WebhookSignatureError: the webhook is not signed with one of the secrets, expired, or its body was changed.
        InvalidVendorResponse: it is signed, but no event.
    """
    claims = _claims(authorization, secrets)
    claimed = claims.get("sha256")
    actual = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(), actual.encode()):
        raise WebhookSignatureError("the body is not the one that was signed")
    return parse_event(body)


def parse_event(body: bytes) -> WebhookEvent:
    """Read an event whose signature was verified.

    Raises:
        InvalidVendorResponse: naming the fields that are wrong.
    """
    try:
        return WebhookEvent.model_validate_json(body)
    except ValidationError as error:
        fields = tuple(".".join(map(str, problem["loc"])) or "body" for problem in error.errors())
        raise InvalidVendorResponse("livekit", "webhook", fields=fields) from None


def _claims(token: str, secrets: dict[str, str]) -> dict[str, Any]:
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        secret = secrets.get(issuer) if isinstance(issuer, str) else None
        if secret is None:
            raise WebhookSignatureError("the token's issuer is none of our API keys")
        return jwt.decode(
            token, secret, algorithms=["HS256"], leeway=CLOCK_SKEW_SECONDS, options={"require": ["exp"]}
        )
    except jwt.InvalidTokenError as error:
        raise WebhookSignatureError(f"the token is not valid: {type(error).__name__}") from None
