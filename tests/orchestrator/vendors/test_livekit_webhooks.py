"""LiveKit's webhooks: only what is signed over these very bytes is read."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import jwt
import pytest

from orchestrator.vendors.errors import InvalidVendorResponse
from orchestrator.vendors.livekit.webhooks import WebhookSignatureError, verify_and_parse

KEY, SECRET = "key", "a-secret-that-is-long-enough" * 3
SECRETS = {KEY: SECRET, "other": "another-secret-that-is-long-enough" * 3}
BODY = (
    b'{"event":"room_started", "room":{"sid":"RM_1", "name":"call-1"}, "id":"EV_1", "createdAt":"1795447149"}'
)


def claims(body: bytes = BODY, **changes: Any) -> dict[str, Any]:
    """What LiveKit puts into a webhook's token."""
    now = int(time.time())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    whole = {"iss": KEY, "exp": now + 300, "nbf": now, "iat": now, "sha256": digest, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """A token over the body."""
    return jwt.api_jws.encode(json.dumps(claims(**changes)).encode(), secret, algorithm=algorithm)


def test_a_signed_event_is_read() -> None:
    """The event, with its numbers as numbers."""
    event = verify_and_parse(BODY, signed(), SECRETS)

    assert (event.event, event.id, event.created_at) == ("room_started", "EV_1", 1795447149)
    assert event.room is not None
    assert event.room.name == "call-1"


def test_it_may_be_delivered_again_five_minutes_later() -> None:
    """LiveKit repeats a webhook with the same token."""
    earlier = int(time.time()) - 290

    assert verify_and_parse(BODY, signed(iat=earlier, nbf=earlier, exp=earlier + 300), SECRETS).id == "EV_1"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "no.jwt.at-all",
        signed(secret=SECRETS["other"]),
        signed(iss="unknown"),
        signed(iss=None),
        signed(iss=["key"]),
        signed(exp=int(time.time()) - 61),
        signed(exp=None),
        signed(nbf=int(time.time()) + 3600),
        signed(algorithm="HS512"),
        jwt.encode(claims(), None, algorithm="none"),
        signed(sha256=None),
        signed(sha256=1),
        signed(sha256=base64.b64encode(hashlib.sha256(b"other").digest()).decode()),
        signed(sha256=hashlib.sha256(BODY).hexdigest()),
        f"Bearer {signed()}",
    ],
    ids=[
        "empty", "no jwt", "secret of another key", "unknown issuer", "no issuer", "issuer is a list", "expired", "no expiry",
        "not yet valid", "hs512", "none", "no hash", "hash is a number", "hash of another body", "hash in hex", "bearer",
    ],
)  # fmt: skip
def test_what_is_not_signed_right_is_refused(token: str) -> None:
    """The error says why, and never holds the token."""
    with pytest.raises(WebhookSignatureError) as refused:
        verify_and_parse(BODY, token, SECRETS)

    assert not token or token not in str(refused.value)


def test_a_body_dumped_again_is_another_body() -> None:
    """One blank less, and the signature is not over it."""
    with pytest.raises(WebhookSignatureError, match="the body is not the one that was signed"):
        verify_and_parse(BODY.replace(b", ", b","), signed(), SECRETS)


def test_a_signed_body_that_is_no_event_names_its_fields() -> None:
    """Signed, and still not what the contract says."""
    body = b'{"id":"EV_1","createdAt":"soon"}'

    with pytest.raises(InvalidVendorResponse) as broken:
        verify_and_parse(body, jwt.encode(claims(body), SECRET, algorithm="HS256"), SECRETS)

    assert broken.value.fields == ("event", "createdAt")
