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
from orchestrator.vendors.livekit.webhooks import WebhookEvent, WebhookSignatureError, verify_and_parse

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


def event_with(**fields: Any) -> WebhookEvent:
    """The event of a signed body with these fields."""
    body = json.dumps({"event": "participant_left", "id": "EV_1", **fields}).encode()
    return verify_and_parse(body, jwt.encode(claims(body), SECRET, algorithm="HS256"), SECRETS)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('"1795447149"', 1795447149), ("1795447149", 1795447149), ("1795447149.0", 1795447149), ('"1e9"', 10**9), ("1e9", 10**9),
        ('"1.7954e9"', 1795400000), ('"17954471490e-1"', 1795447149), ("0", 0), ("null", None),
        ("253402300799", 253402300799),
    ],
)  # fmt: skip
def test_time_is_read_in_every_form_of_an_int64(text: str, seconds: int | None) -> None:
    """The JSON mapping of protobuf allows a number or a text, with an exponent and a fraction of zero."""
    assert event_with(createdAt=json.loads(text)).created_at == seconds


@pytest.mark.parametrize(
    "created_at",
    [
        -1,
        253402300800,
        2**63,
        10**30,
        1e300,
        1.5,
        True,
        [],
        {},
        "",
        "soon",
        "1e99",
        "1e999999999",
        "1_0",
        " 1",
        "0x1",
        "\u0663",
    ],
)
def test_time_out_of_range_or_of_another_type_is_rejected(created_at: Any) -> None:
    """The error names the field."""
    with pytest.raises(InvalidVendorResponse) as raised:
        event_with(createdAt=created_at)

    assert raised.value.fields == ("createdAt",)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AGENT", "AGENT"),
        (4, "AGENT"),
        (4.0, "AGENT"),
        (3, "SIP"),
        (0, "STANDARD"),
        (99, None),
        (None, None),
        ("NEW", "NEW"),
    ],
)
def test_kind_is_read_by_name_or_number(kind: Any, name: str | None) -> None:
    """The JSON mapping of protobuf allows both; a number that is not known is no kind that is handled."""
    participant = event_with(participant={"kind": kind}).participant

    assert participant is not None
    assert participant.kind == name


@pytest.mark.parametrize("kind", [True, 1.5, [], {}])
def test_kind_of_another_type_is_rejected(kind: Any) -> None:
    """The error names the field."""
    with pytest.raises(InvalidVendorResponse) as raised:
        event_with(participant={"kind": kind})

    assert raised.value.fields == ("participant.kind",)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"event":null,"id":null,"createdAt":null,"room":null,"participant":null}']
)
def test_omitted_or_null_fields_have_their_default(body: bytes) -> None:
    """In the JSON mapping of protobuf both mean the same."""
    event = verify_and_parse(body, jwt.encode(claims(body), SECRET, algorithm="HS256"), SECRETS)

    assert (event.event, event.id, event.created_at, event.room, event.participant) == (
        "",
        "",
        None,
        None,
        None,
    )


def test_names_of_the_proto_file_and_unknown_fields_are_read() -> None:
    """A field may have either name; one that is newer than the service is ignored."""
    event = event_with(
        created_at="5", room={"name": None, "sip_call": {}}, egress_info={"status": 7}, brandNew=[1]
    )

    assert event.created_at == 5
    assert event.room is not None
    assert event.room.name == ""


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"{", b'{"room":"call-1"}', b'{"event":5}', b"[" * 10_000]
)
def test_signed_body_that_is_no_event_is_rejected(body: bytes) -> None:
    """The signature is valid, but the body is not the JSON of the message."""
    with pytest.raises(InvalidVendorResponse):
        verify_and_parse(body, jwt.encode(claims(body), SECRET, algorithm="HS256"), SECRETS)


def test_signed_body_names_every_invalid_field() -> None:
    """The signature is valid, but the body does not match the contract."""
    body = b'{"id":5,"createdAt":"soon"}'

    with pytest.raises(InvalidVendorResponse) as raised:
        verify_and_parse(body, jwt.encode(claims(body), SECRET, algorithm="HS256"), SECRETS)

    assert raised.value.fields == ("id", "createdAt")
