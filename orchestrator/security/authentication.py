"""Authenticates requests by access token (users) or API key (services)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from orchestrator.errors import AuthenticationError
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.audit import log_audit_event
from orchestrator.security.roles import Permission, Role
from orchestrator.security.sessions import SessionService
from orchestrator.security.tokens import InvalidTokenError, JwtService

UNAUTHENTICATED_MESSAGE = "Log in first, or send an API key."
"""The same message whatever the reason, which would help an attacker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated user or service. `hotel_ids` None means all hotels."""

    kind: Literal["user", "service"]
    subject: str
    permissions: frozenset[Permission]
    roles: tuple[Role, ...] = ()
    email: str | None = None
    hotel_ids: tuple[str, ...] | None = None
    session_id: str | None = None

    def can_access_hotel(self, hotel_id: str | None) -> bool:
        """Return whether the principal is allowed to act for this hotel."""
        return self.hotel_ids is None or hotel_id in self.hotel_ids

    def can_manage(self, hotel_ids: Sequence[str] | None) -> bool:
        """Return whether the principal's hotels include these. It decides on users and API keys of these hotels.

        What belongs to no hotel is managed by principals of all hotels only, like what belongs to all.
        """
        if self.hotel_ids is None:
            return True
        return bool(hotel_ids) and set(hotel_ids or ()) <= set(self.hotel_ids)


class Authenticator:
    """Authenticates requests.

    Args:
        tokens: verifies access tokens.
        sessions: an access token is valid only as long as its session.
        api_keys: verifies API keys.
    """

    def __init__(self, tokens: JwtService, sessions: SessionService, api_keys: ApiKeyService) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._api_keys = api_keys

    async def authenticate(self, authorization: str | None, api_key: str | None) -> Principal:
        """Return the principal; a bearer token takes precedence over an API key.

        Raises:
            AuthenticationError: the credentials are missing or invalid.
        """
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                raise _authentication_failed("scheme")
            return await self._authenticate_user(token)
        if api_key is not None:
            return await self._authenticate_service(api_key)
        raise _authentication_failed("nothing sent")

    async def _authenticate_user(self, token: str) -> Principal:
        try:
            claims = self._tokens.verify(token)
        except InvalidTokenError as error:
            raise _authentication_failed(str(error)) from None
        session = await self._sessions.get(claims.session_id)
        if session is None or session.user_id != claims.sub:
            raise _authentication_failed("session ended")
        return Principal(
            kind="user",
            subject=claims.sub,
            permissions=frozenset(claims.permissions),
            roles=claims.roles,
            email=claims.email,
            hotel_ids=claims.hotel_ids,
            session_id=claims.session_id,
        )

    async def _authenticate_service(self, text: str) -> Principal:
        key = await self._api_keys.verify(text)
        if key is None:
            raise _authentication_failed("API key")
        return Principal(
            kind="service", subject=key.key_id, permissions=key.permissions, hotel_ids=key.hotel_ids
        )


def _authentication_failed(reason: str) -> AuthenticationError:
    log_audit_event("authenticate", actor="anonymous", outcome=reason)
    return AuthenticationError(UNAUTHENTICATED_MESSAGE)
