"""LiveKit's access tokens: HS256 JWTs signed with the API secret, with exactly the grants a call needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

TOKEN_TTL_SECONDS = 60
"""Seconds a token is good for: as long as one call to LiveKit takes, with room for clocks that differ."""


@dataclass(frozen=True, slots=True)
class AccessTokenFactory:
    """Makes tokens.

    Args:
        api_key: the issuer.
        api_secret: signs them.
        clock: seconds since 1970.
    """

    api_key: str
    api_secret: str
    clock: Callable[[], float] = time.time

    def create(self, *, video: Mapping[str, Any] | None = None, sip: Mapping[str, Any] | None = None) -> str:
        """A token with these grants and no others. `exp` and `nbf` are always set: some servers accept none."""
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
    """The grant to administer one room."""
    return {"roomAdmin": True, "room": room}
