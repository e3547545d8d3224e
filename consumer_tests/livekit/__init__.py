"""What the orchestrator expects of LiveKit."""

from __future__ import annotations

from typing import Any

import httpx
import jwt

from consumer_tests.contract import ConsumerContract, error_response, provider_state
from consumer_tests.interaction import CredentialSpec, Request, Response
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import TwirpError
from orchestrator.vendors.livekit.tokens import AccessTokenFactory

SECRET = "of-the-client-and-long-enough-for-hs256"
PATTERN = r"^Bearer \S+$"


def _client(url: str, http: httpx.AsyncClient) -> LiveKitClient:
    return LiveKitClient(
        base_url=url, tokens=AccessTokenFactory("of-the-client", SECRET), http=http, policy=NO_RETRY
    )


def token_with_grants(**expected: Any) -> CredentialSpec:
    """A token that must carry exactly these grants (`video=…`, `sip=…`) when it leaves the client."""

    def exactly(header: str) -> None:
        token = header.removeprefix("Bearer ")
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "nbf", "iss"]})
        sent = {name: claims[name] for name in ("video", "sip") if name in claims}
        assert sent == expected, f"the token grants {sent}, the call needs {expected}"

    given = provider_state("an access token", **expected)
    return CredentialSpec("Authorization", "Bearer ${token}", PATTERN, "Bearer example", given, exactly)


def room_admin_token(room: str) -> CredentialSpec:
    """A token to administer one room."""
    return token_with_grants(video={"roomAdmin": True, "room": room})


UNKNOWN_TOKEN = CredentialSpec("Authorization", "", PATTERN, "Bearer no-token", None)

contract = ConsumerContract("livekit", client=_client, credential=None)


def twirp_request(method: str, body: dict[str, Any], service: str = "RoomService") -> Request:
    """A Twirp request over JSON."""
    return Request("POST", f"/twirp/livekit.{service}/{method}", body=body)


def twirp_error(status: int, code: str) -> Response:
    """A Twirp error; its message is not stable, so the pact does not hold one."""
    return error_response(status, TwirpError, {"code": code})


def empty_success() -> Response:
    """A success whose body holds nothing that is read."""
    return Response(200, headers={"Content-Type": ("application/json", "^application/json")})
