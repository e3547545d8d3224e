"""LiveKit's webhooks: only a body that was signed byte for byte is parsed."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
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
    """The claims of a webhook's token."""
    now = int(time.time())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    all_claims = {"iss": KEY, "exp": now + 300, "nbf": now, "iat": now, "sha256": digest, **changes}
    return {name: value for name, value in all_claims.items() if value is not None}


def sign(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """A token for the body; a claim that is None is left out."""
    return jwt.api_jws.encode(json.dumps(claims(**changes)).encode(), secret, algorithm=algorithm)


def test_signed_event_is_parsed() -> None:
    """LiveKit sends an int64 as a string; it is parsed as a number."""
    event = verify_and_parse(BODY, sign(), SECRETS)

    assert (event.event, event.id, event.created_at) == ("room_started", "EV_1", 1795447149)
    assert event.room is not None
    assert event.room.name == "call-1"


def test_redelivered_event_is_accepted() -> None:
    """LiveKit repeats a webhook with the same token, which is valid for five minutes."""
    earlier = int(time.time()) - 290

    assert verify_and_parse(BODY, sign(iat=earlier, nbf=earlier, exp=earlier + 300), SECRETS).id == "EV_1"


def test_clock_skew_is_accepted() -> None:
    """LiveKit's clock may differ from ours by up to a minute in either direction."""
    now = int(time.time())

    assert verify_and_parse(BODY, sign(exp=now - 45), SECRETS).id == "EV_1"
    assert verify_and_parse(BODY, sign(nbf=now + 45), SECRETS).id == "EV_1"


@pytest.mark.parametrize(
    "create_token",
    [
        lambda: "",
        lambda: "no.jwt.at-all",
        lambda: sign(secret=SECRETS["other"]),
        lambda: sign(iss="unknown"),
        lambda: sign(iss=None),
        lambda: sign(iss=["key"]),
        lambda: sign(exp=int(time.time()) - 60),
        lambda: sign(exp=None),
        lambda: sign(nbf=int(time.time()) + 120),
        lambda: sign(algorithm="HS512"),
        lambda: jwt.encode(claims(), None, algorithm="none"),
        lambda: sign(sha256=None),
        lambda: sign(sha256=1),
        lambda: sign(sha256=base64.b64encode(hashlib.sha256(b"other").digest()).decode()),
        lambda: sign(sha256=hashlib.sha256(BODY).hexdigest()),
        lambda: f"Bearer {sign()}",
    ],
    ids=[
        "empty", "no jwt", "secret of another key", "unknown issuer", "no issuer", "issuer is a list", "expired", "no expiry",
        "not yet valid", "hs512", "none", "no hash", "hash is a number", "hash of another body", "hash in hex", "bearer",
    ],
)  # fmt: skip
def test_invalid_signature_is_rejected(create_token: Callable[[], str]) -> None:
    """The error's message does not contain the token."""
    token = create_token()

    with pytest.raises(WebhookSignatureError) as raised:
        verify_and_parse(BODY, token, SECRETS)

    assert not token or token not in str(raised.value)


def test_reserialized_body_is_rejected() -> None:
    """The signature covers the exact bytes, including whitespace."""
    with pytest.raises(WebhookSignatureError, match="the body is not the one that was signed"):
        verify_and_parse(BODY.replace(b", ", b","), sign(), SECRETS)


def test_signed_body_without_event_names_invalid_fields() -> None:
    """The signature is valid, but the body does not match the contract."""
    body = b'{"id":"EV_1","createdAt":"soon"}'

    with pytest.raises(InvalidVendorResponse) as raised:
        verify_and_parse(body, jwt.encode(claims(body), SECRET, algorithm="HS256"), SECRETS)

    assert raised.value.fields == ("event", "createdAt")
