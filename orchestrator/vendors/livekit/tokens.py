"""LiveKit's access tokens: JWTs signed with the API secret (HS256) that carry the grants of one request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

import jwt

TOKEN_TTL_SECONDS = 60
"""Long enough for one request and for clocks that differ."""
REUSE_SECONDS = 10
"""For how long requests with equal grants have the same token, which lives this much shorter for the last one."""
Grants: TypeAlias = tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]
"""The grants by name, as a value that can be hashed."""


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
        grants = tuple(
            (name, tuple(grant.items()))
            for name, grant in (("video", video), ("sip", sip))
            if grant is not None
        )
        return _sign(self.api_key, self.api_secret, now - now % REUSE_SECONDS, grants)


# all calls need tokens with the same grants, and one with those of its room for each of its replies
@lru_cache(maxsize=1024)
def _sign(api_key: str, api_secret: str, now: int, grants: Grants) -> str:
    claims = {"iss": api_key, "sub": "orchestrator", "nbf": now, "exp": now + TOKEN_TTL_SECONDS}
    return jwt.encode(claims | {name: dict(grant) for name, grant in grants}, api_secret, algorithm="HS256")


def room_admin_grant(room: str) -> dict[str, Any]:
    """Return the grant to administer one room."""
    return {"roomAdmin": True, "room": room}
