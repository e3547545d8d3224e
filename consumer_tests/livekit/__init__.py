"""What the orchestrator expects of LiveKit."""

from __future__ import annotations

from typing import Any

import httpx
import jwt

from consumer_tests.contract import Contract, refused, state
from consumer_tests.expectation import Credential, Request, Response
from orchestrator.resilience.policy import ONE_ATTEMPT
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import TwirpError
from orchestrator.vendors.livekit.tokens import AccessTokens

SECRET = "of-the-client-and-long-enough-for-hs256"
PATTERN = r"^Bearer \S+$"


def _client(url: str, http: httpx.AsyncClient) -> LiveKitClient:
    return LiveKitClient(
        base_url=url, tokens=AccessTokens("of-the-client", SECRET), http=http, policy=ONE_ATTEMPT
    )


def grants(**expected: Any) -> Credential:
    """A token that must carry exactly these grants (`video=…`, `sip=…`) when it leaves the client."""

    def exactly(header: str) -> None:
        token = header.removeprefix("Bearer ")
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "nbf", "iss"]})
        sent = {name: claims[name] for name in ("video", "sip") if name in claims}
        assert sent == expected, f"the token grants {sent}, the call needs {expected}"

    given = state("an access token", **expected)
    return Credential("Authorization", "Bearer ${token}", PATTERN, "Bearer example", given, exactly)


def admin_of(room: str) -> Credential:
    """A token to administer one room."""
    return grants(video={"roomAdmin": True, "room": room})


UNKNOWN_TOKEN = Credential("Authorization", "", PATTERN, "Bearer no-token", None)

contract = Contract("livekit", client=_client, credential=None)


def twirp(method: str, body: dict[str, Any], service: str = "RoomService") -> Request:
    """A Twirp request over JSON."""
    return Request("POST", f"/twirp/livekit.{service}/{method}", body=body)


def twirp_error(status: int, code: str) -> Response:
    """A Twirp error; its message is not stable, so the pact does not hold one."""
    return refused(status, TwirpError, {"code": code})


def done() -> Response:
    """A success whose body holds nothing that is read."""
    return Response(200, headers={"Content-Type": ("application/json", "^application/json")})
