"""Access tokens: LiveKit's stub rejects what the recorded server rejects, with its text."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from provider_verification.stubs.vendors.livekit import tokens
from provider_verification.stubs.vendors.livekit.state import API_KEY
from tests.stubs.twirp import TwirpClient, error_of, sign_token, token_with

VIDEO = {"video": {"roomList": True}}
NOW = 1_790_000_000
HUGE_TIME, NO_NUMBER = '{"exp":1e999}', '{"exp":NaN}'
INVALID = "invalid authorization token"


@pytest.fixture(autouse=True)
def _standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock the tokens are compared with, so that a slow run does not change what is valid."""
    monkeypatch.setattr(tokens, "time", SimpleNamespace(time=lambda: NOW))


async def list_rooms(livekit: TwirpClient, token: str) -> tuple[int, str, str]:
    """Status, media type and body of ListRooms, without the token in it."""
    response = await livekit.send("RoomService/ListRooms", "{}", token=token)
    return (
        response.status_code,
        response.headers["content-type"].partition(";")[0],
        response.text.replace(token, "<token>"),
    )


def segment(value: Any) -> str:
    """A segment of a token."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"exp": NOW - 59},
        {"nbf": NOW + 60},
        {"exp": None, "nbf": None, "iat": None},
        {"exp": str(NOW)},
        {"exp": NOW - 58.5},
        {"nbf": 1e300},
        {"iat": 2**40},
        {"sub": "", "jti": "x", "aud": ["a", "b"], "nonsense": {"a": [1]}},
        {"name": "n", "metadata": "m", "attributes": {"a": "b"}, "kind": "agent", "roomConfig": {}},
        {"sip": None, "agent": {"admin": True}, "video": {"roomlist": True, "canPublishSources": ["camera"]}},
        {"VIDEO": {"roomList": True}},
    ],
)
async def test_token_is_accepted(livekit: TwirpClient, claims: dict[str, Any]) -> None:
    """Without times or within a minute of them; Go matches the names of claims whatever their case."""
    assert await list_rooms(livekit, token_with(VIDEO, **claims)) == (200, "application/json", '{"rooms":[]}')


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": NOW - 60}, "token has invalid claims: token is expired"),
        ({"exp": NOW - 59.5}, "token has invalid claims: token is expired"),
        ({"exp": 0}, "token has invalid claims: token is expired"),
        ({"exp": 1e300}, "token has invalid claims: token is expired"),
        ({"nbf": NOW + 61}, "token has invalid claims: token is not valid yet"),
        ({"exp": 1, "nbf": NOW + 61}, "token has invalid claims: token is expired, token is not valid yet"),
    ],
)
async def test_token_out_of_its_time_is_rejected(
    livekit: TwirpClient, claims: dict[str, Any], reason: str
) -> None:
    """The leeway is a minute in both directions; a part of a second is cut off."""
    body = f"invalid token: <token>, error: {reason}"

    assert await list_rooms(livekit, token_with(VIDEO, **claims)) == (401, "text/plain", body)


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"sip": "x"}, "string into Go struct field tokenClaims.ClaimGrants.sip of type auth.SIPGrant"),
        ({"sip": [1]}, "array into Go struct field tokenClaims.ClaimGrants.sip of type auth.SIPGrant"),
        ({"sip": {"admin": 1}}, "number into Go struct field SIPGrant.ClaimGrants.sip.admin of type bool"),
        ({"video": True}, "bool into Go struct field tokenClaims.ClaimGrants.video of type auth.VideoGrant"),
        (
            {"video": {"roomList": "true"}},
            "string into Go struct field VideoGrant.ClaimGrants.video.roomList of type bool",
        ),
        ({"video": {"room": 5}}, "number into Go struct field VideoGrant.ClaimGrants.video.room of type string"),
        (
            {"video": {"canPublishSources": "camera"}},
            "string into Go struct field VideoGrant.ClaimGrants.video.canPublishSources of type []string",
        ),
        ({"metadata": {}}, "object into Go struct field tokenClaims.ClaimGrants.metadata of type string"),
        ({"attributes": {"a": 1}}, "number into Go struct field tokenClaims.ClaimGrants.attributes of type string"),
        ({"observability": 1}, "number into Go struct field tokenClaims.ClaimGrants.observability of type auth.ObservabilityGrant"),
    ],
)  # fmt: skip
async def test_claim_of_wrong_type_makes_the_whole_token_invalid(
    livekit: TwirpClient, claims: dict[str, Any], problem: str
) -> None:
    """Also if the method needs another grant. The form of the text was recorded for a grant of a room."""
    body = f"invalid token: <token>, error: token is malformed: could not JSON decode claim: json: cannot unmarshal {problem}"

    assert await list_rooms(livekit, token_with({**VIDEO, **claims})) == (401, "text/plain", body)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
async def test_other_algorithm_is_rejected(livekit: TwirpClient, algorithm: str) -> None:
    """Only HS256 is accepted, even with the right secret."""
    token = sign_token({"iss": API_KEY, **VIDEO}, algorithm)
    reason = f"token signature is invalid: signing method {algorithm} is invalid"

    assert await list_rooms(livekit, token) == (401, "text/plain", f"invalid token: <token>, error: {reason}")


async def test_wrong_secret_and_wrong_key_are_rejected(livekit: TwirpClient) -> None:
    """The key is looked up before the signature is verified."""
    forged = sign_token({"iss": API_KEY, **VIDEO}, secret="another-secret" * 9)
    unknown = sign_token({"iss": "otherkey", **VIDEO})
    reason = "token signature is invalid: signature is invalid"

    assert await list_rooms(livekit, forged) == (
        401,
        "text/plain",
        f"invalid token: <token>, error: {reason}",
    )
    assert await list_rooms(livekit, unknown) == (401, "text/plain", "invalid API key: otherkey")
    assert await list_rooms(livekit, sign_token(VIDEO)) == (401, "text/plain", "invalid API key: ")


@pytest.mark.parametrize(
    "token",
    [
        "abc", "a.b", "a.b.c.d", "..", f"{segment({})}.{segment({})}.", f"{segment('[]')}.{segment({})}.",
        f"{segment({'alg': 'XX256'})}.{segment({'iss': API_KEY})}.c2ln",
        f"{segment({'alg': ['HS256']})}.{segment({'iss': API_KEY})}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment([])}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment('{')}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment('[' * 9000)}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment({'iss': API_KEY, 'exp': {}})}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment({'iss': API_KEY, 'exp': 'soon'})}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment({'iss': API_KEY, 'exp': True})}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment({'iss': 5})}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment({'iss': API_KEY, 'aud': 5})}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment(HUGE_TIME)}.c2ln",
        f"{segment({'alg': 'HS256'})}.{segment(NO_NUMBER)}.c2ln",
        f"{segment({'alg': 'HS256'})}={segment({'iss': API_KEY})}.c2ln",
    ],
)  # fmt: skip
async def test_unreadable_token_is_rejected(livekit: TwirpClient, token: str) -> None:
    """A token that cannot be read has another text than one that is not valid, and no token in it."""
    assert await list_rooms(livekit, token) == (401, "text/plain", INVALID)


@pytest.mark.parametrize("header", ["Basic abc", "bearer abc", "Bearer", "abc"])
async def test_other_scheme_is_rejected(livekit: TwirpClient, header: str) -> None:
    """Even if there is a valid token in the query."""
    response = await livekit.http.post(
        "/twirp/livekit.RoomService/ListRooms",
        params={"access_token": token_with()},
        json={},
        headers={"Authorization": header},
    )

    assert (response.status_code, response.text) == (
        401,
        "invalid authorization header. Must start with Bearer ",
    )


@pytest.mark.parametrize(
    ("path", "body", "grants"),
    [
        ("RoomService/ListRooms", {}, {"video": {"roomCreate": True}}),
        (
            "RoomService/ListParticipants",
            {"room": "call-1"},
            {"video": {"roomAdmin": True, "room": "call-2"}},
        ),
        ("Egress/StartTrackEgress", {}, {"video": {"roomAdmin": True}}),
        ("Egress/StartEgress", {}, {"video": {"roomAdmin": True}}),
        ("Egress/UpdateLayout", {}, {"video": {"roomAdmin": True}}),
        ("Egress/UpdateStream", {}, {"video": {"ingressAdmin": True}}),
        ("Ingress/CreateIngress", {}, {"video": {"roomRecord": True}}),
        ("Ingress/ListIngress", {}, {"video": {"roomRecord": True}}),
        ("SIP/ListSIPTrunk", {}, {"sip": {"call": True}}),
        (
            "RoomService/MoveParticipant",
            {"room": "call-1", "identity": "guest", "destination_room": "call-2"},
            {"video": {"roomAdmin": True, "room": "call-1", "destinationRoom": "call-3"}},
        ),
    ],
)
async def test_missing_grant_is_a_twirp_error(
    livekit: TwirpClient, path: str, body: dict[str, Any], grants: dict[str, Any]
) -> None:
    """A valid token without the grant is 401 as JSON, and not 403."""
    response = await livekit.send(path, json.dumps(body), token=token_with(grants))

    assert error_of(response) == (401, "unauthenticated", "permissions denied")


async def test_what_is_too_long_is_reported_before_a_missing_grant(livekit: TwirpClient) -> None:
    """LiveKit's server checks sizes first in the methods that update a room or a participant."""
    body = json.dumps({"room": "call-1", "identity": "guest", "metadata": "m" * (512 * 1024 + 1)})
    responses = [
        await livekit.send(f"RoomService/{method}", body, token=token_with({}))
        for method in ("UpdateRoomMetadata", "UpdateParticipant")
    ]

    assert {error_of(response) for response in responses} == {
        (400, "invalid_argument", "metadata size exceeds limits 524288")
    }


@pytest.mark.parametrize(("token", "status"), [(None, 200), ("abc", 401), (token_with({}), 200)])
async def test_token_is_read_before_the_health_check(
    livekit: TwirpClient, token: str | None, status: int
) -> None:
    """LiveKit's server reads the token of every request; the health check needs none."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    assert (await livekit.http.get("/", headers=headers)).status_code == status


async def test_violation_does_not_contain_the_rejected_token(livekit: TwirpClient) -> None:
    """The response repeats the token as the recorded server does; the violation is shown to others."""
    token = token_with(exp=NOW - 100)

    _, _, body = await list_rooms(livekit, token)

    violation = (await livekit.http.get("/_stub/violations")).json()[0]
    assert body == "invalid token: <token>, error: token has invalid claims: token is expired"
    assert violation["requires"] == body.replace("<token>", "(token)")
