"""LiveKit's webhook events: signed over the exact bytes of the body, which is JSON as protobuf 3 maps it.

LiveKit's server sends camelCase, names of enums, 64-bit integers as text, and no field that has a zero value. A relay may
write the same event in any other form of the mapping (protobuf.dev/programming-guides/json): the names of the `.proto` file,
numbers of enums, null for a default, integers as numbers or with an exponent, and fields that are newer than this service.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from decimal import Decimal
from typing import Annotated, Any

import jwt
from pydantic import BeforeValidator, ConfigDict, Field

from orchestrator.vendors.livekit.models import AGENT_KIND, SIP_KIND, STANDARD_KIND
from orchestrator.vendors.models import ResponseModel, parse_json

CLOCK_SKEW_SECONDS = 60
"""The difference between LiveKit's clock and ours that is accepted."""


KIND_NAMES = {0: STANDARD_KIND, 3: SIP_KIND, 4: AGENT_KIND}
"""The kinds of participants by their number in protobuf; a kind with another number is none that is handled."""
INTEGER_PATTERN = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?")
MAX_TIME = 253_402_300_799
"""The last second of the year 9999, with which the calendar ends."""


def _text_or_default(value: Any) -> Any:
    return "" if value is None else value


def _integer(value: Any) -> int:
    """Return the integer of a number or a text, which may have an exponent or a fraction of zero."""
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool)
    if not is_number or not INTEGER_PATTERN.fullmatch(str(value)):
        raise ValueError("should be an integer")
    number = Decimal(str(value))
    if number != number.to_integral_value():
        raise ValueError("should be an integer")
    return int(number)


def _seconds(value: Any) -> int | None:
    if value is None:
        return None
    seconds = _integer(value)
    if not 0 <= seconds <= MAX_TIME:
        raise ValueError("should be a time in seconds since 1970")
    return seconds


def _kind_name(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return KIND_NAMES.get(_integer(value)) if is_number else value


Text = Annotated[str, BeforeValidator(_text_or_default)]


class WebhookRoom(ResponseModel):
    """The room of an event. A room may have no name."""

    name: Text = ""


class WebhookParticipant(ResponseModel):
    """The participant of an event; that of a track event, and one of the kind STANDARD, has no kind.

    `sid` identifies one stay in a room: a participant that joins again has another one.
    """

    sid: Text = ""
    kind: Annotated[str | None, BeforeValidator(_kind_name)] = None


class WebhookEvent(ResponseModel):
    """A webhook event. Unknown event names are accepted; a redelivered event has the same `id`.

    `created_at` is in seconds since 1970.
    """

    model_config = ConfigDict(populate_by_name=True)

    event: Text = ""
    id: Text = ""
    created_at: Annotated[int | None, BeforeValidator(_seconds)] = Field(None, alias="createdAt")
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
