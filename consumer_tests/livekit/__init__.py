"""The consumer contract with LiveKit."""

from __future__ import annotations

from typing import Any

import httpx
import jwt

from consumer_tests.contract import ConsumerContract, error_response, provider_state
from consumer_tests.interaction import CredentialSpec, Request, Response
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import TwirpError
from orchestrator.vendors.livekit.tokens import AccessTokenFactory

SECRET = "of-the-client-and-long-enough-for-hs256"
BEARER_PATTERN = r"^Bearer \S+$"


def _client(url: str, http: httpx.AsyncClient, policy: CallPolicy) -> LiveKitClient:
    return LiveKitClient(
        base_url=url, tokens=AccessTokenFactory("of-the-client", SECRET), http=http, policy=policy
    )


def token_with_grants(**expected: Any) -> CredentialSpec:
    """A token that carries exactly these grants (`video=…`, `sip=…`) when the client sends it."""

    def verify_grants(header: str) -> None:
        token = header.removeprefix("Bearer ")
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "nbf", "iss"]})
        grants = {name: claims[name] for name in ("video", "sip") if name in claims}
        assert grants == expected, f"the token grants {grants}, the request requires {expected}"

    state = provider_state("an access token", **expected)
    return CredentialSpec(
        "Authorization", "Bearer ${token}", BEARER_PATTERN, "Bearer example", state, verify_grants
    )


def room_admin_token(room: str) -> CredentialSpec:
    """A token to administer one room."""
    return token_with_grants(video={"roomAdmin": True, "room": room})


UNKNOWN_TOKEN = CredentialSpec("Authorization", "", BEARER_PATTERN, "Bearer no-token", None)

contract = ConsumerContract("livekit", client=_client, credential=None)


def twirp_request(method: str, body: dict[str, Any], service: str = "RoomService") -> Request:
    """A Twirp request over JSON."""
    return Request("POST", f"/twirp/livekit.{service}/{method}", body=body)


def twirp_error(status: int, code: str) -> Response:
    """A Twirp error without a message, because its messages are not stable."""
    return error_response(status, TwirpError, {"code": code})


def empty_success() -> Response:
    """A success whose body the client does not read."""
    return Response(200, headers={"Content-Type": ("application/json", "^application/json")})
