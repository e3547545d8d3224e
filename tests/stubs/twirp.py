"""A client of LiveKit's stub that sends bodies as they are given, with any token."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET

ALL_GRANTS: dict[str, Any] = {
    "video": {
        "roomCreate": True, "roomList": True, "roomRecord": True, "roomAdmin": True, "ingressAdmin": True,
        "room": "call-1", "destinationRoom": "call-2",
    },
    "sip": {"admin": True, "call": True},
}  # fmt: skip


def sign_token(claims: dict[str, Any], algorithm: str = "HS256", secret: str = API_SECRET) -> str:
    """Return a token with exactly these claims, whatever their types."""
    return jwt.api_jws.encode(
        json.dumps(claims).encode(), None if algorithm == "none" else secret, algorithm=algorithm
    )


def token_with(grants: dict[str, Any] = ALL_GRANTS, **claims: Any) -> str:
    """Return a token of the stub's API key; the claims replace or add to those it has."""
    return sign_token({"iss": API_KEY, **grants, **claims})


class TwirpClient:
    """Calls the methods of LiveKit's stub.

    Args:
        http: the client, whose base URL is that of the stub.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def send(
        self, path: str, body: str | bytes, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a body as it is to a path under `/twirp/livekit.`; without a token that of all grants is sent."""
        token = token_with() if token is None else token
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/twirp/livekit.{path}", content=body, headers=fields)

    async def call(self, path: str, body: Any, **grants: Any) -> httpx.Response:
        """Send a JSON value; the grants replace those of the client."""
        return await self.send(path, json.dumps(body), token=token_with({**ALL_GRANTS, **grants}))

    async def set_state(self, state: str, **params: Any) -> dict[str, str]:
        """Set a provider state and return the values it generated."""
        response = await self.http.post("/_stub/states", json={"state": state, "params": params})
        generated: dict[str, str] = response.raise_for_status().json()
        return generated


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and message of a Twirp error."""
    body = response.json()
    return response.status_code, body["code"], body["msg"]
