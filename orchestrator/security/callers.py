"""Who sends a request: a user with an access token, or a service with an API key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orchestrator.errors import AuthenticationError
from orchestrator.security.api_keys import ApiKeys
from orchestrator.security.audit import audit
from orchestrator.security.roles import Permission, Role
from orchestrator.security.sessions import Sessions
from orchestrator.security.tokens import AccessTokens, TokenError

REFUSED = "Log in first, or send an API key."
"""The same words whatever is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody we know. `hotel_ids` None means all hotels."""

    kind: Literal["user", "service"]
    subject: str
    permissions: frozenset[Permission]
    roles: tuple[Role, ...] = ()
    email: str | None = None
    hotel_ids: tuple[str, ...] | None = None
    session_id: str | None = None

    def serves(self, hotel_id: str | None) -> bool:
        """Whether the caller may act for this hotel."""
        return self.hotel_ids is None or hotel_id in self.hotel_ids


class Door:
    """Lets in whom it knows.

    Args:
        tokens: reads access tokens.
        sessions: a token is good as long as its session is.
        api_keys: services' keys.
    """

    def __init__(self, tokens: AccessTokens, sessions: Sessions, api_keys: ApiKeys) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._api_keys = api_keys

    async def enter(self, authorization: str | None, api_key: str | None) -> Caller:
        """Who this is; a bearer token goes before an API key.

        Raises:
            AuthenticationError: nobody we know.
        """
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                raise _refused("scheme")
            return await self._user(token)
        if api_key is not None:
            return await self._service(api_key)
        raise _refused("nothing sent")

    async def _user(self, token: str) -> Caller:
        try:
            claims = self._tokens.read(token)
        except TokenError as error:
            raise _refused(str(error)) from None
        session = await self._sessions.get(claims.session_id)
        if session is None or session.user_id != claims.sub:
            raise _refused("session ended")
        return Caller(
            kind="user",
            subject=claims.sub,
            permissions=frozenset(claims.permissions),
            roles=claims.roles,
            email=claims.email,
            hotel_ids=claims.hotel_ids,
            session_id=claims.session_id,
        )

    async def _service(self, text: str) -> Caller:
        key = await self._api_keys.verify(text)
        if key is None:
            raise _refused("API key")
        return Caller(kind="service", subject=key.key_id, permissions=key.permissions)


def _refused(reason: str) -> AuthenticationError:
    audit("authenticate", actor="nobody", outcome=reason)
    return AuthenticationError(REFUSED)
