"""LiveKit's access tokens: JWTs signed with the API secret (HS256) that carry the grants of one request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jwt

TOKEN_TTL_SECONDS = 60
"""Long enough for one request and for clocks that differ."""


class AccessTokens(Protocol):
    """Creates the access token of each request."""

    def create(self, *, video: Mapping[str, Any] | None = None, sip: Mapping[str, Any] | None = None) -> str:
        """Return a token with exactly these grants."""
        ...


@dataclass(frozen=True, slots=True)
class AccessTokenFactory:
    """Creates access tokens.

    Args:
        api_key: the issuer of the tokens.
        api_secret: the key that signs them.
        clock: seconds since 1970.
    """

    api_key: str
    api_secret: str
    clock: Callable[[], float] = time.time

    def create(self, *, video: Mapping[str, Any] | None = None, sip: Mapping[str, Any] | None = None) -> str:
        """Return a token with exactly these grants. It always has `exp` and `nbf`, which some servers require."""
        now = int(self.clock())
        claims: dict[str, Any] = {
            "iss": self.api_key,
            "sub": "orchestrator",
            "nbf": now,
            "exp": now + TOKEN_TTL_SECONDS,
        }
        grants = {"video": video, "sip": sip}
        claims |= {name: dict(grant) for name, grant in grants.items() if grant is not None}
        return jwt.encode(claims, self.api_secret, algorithm="HS256")


def room_admin_grant(room: str) -> dict[str, Any]:
    """Return the grant to administer one room."""
    return {"roomAdmin": True, "room": room}
