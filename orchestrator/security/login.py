"""Login and token refresh: throttling, verification, session, tokens, audit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from orchestrator.errors import AuthenticationError, RateLimitExceededError
from orchestrator.persistence.users import User
from orchestrator.security.audit import log_audit_event
from orchestrator.security.roles import Role, permissions_of
from orchestrator.security.sessions import InvalidRefreshTokenError, Session, SessionService
from orchestrator.security.tokens import JwtService, TokenSubject
from orchestrator.security.users import UserService
from orchestrator.state.rate_limiter import RateLimiter

INVALID_CREDENTIALS_MESSAGE = "The e-mail address or the password is wrong."
"""The same message for both, so that an attacker cannot find out which addresses exist."""
INVALID_SESSION_MESSAGE = "Log in again."
CLIENTS_PER_ACCOUNT = 20
"""Clients whose wrong passwords lock an account for all: with 5 attempts each, the 100 that NIST SP 800-63B allows."""


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """The tokens of a login or refresh. `expires_in` is the access token's lifetime in seconds."""

    user: User
    access_token: str
    refresh_token: str
    expires_in: int


class LoginThrottle:
    """Limits login attempts per e-mail address and client: one that guesses a password locks out only itself.

    Against guesses that are spread over many clients, the attempts of all clients together are limited too.

    Args:
        limiter: counts the attempts.
        limit: attempts of one client per window.
        window: seconds.
    """

    def __init__(self, limiter: RateLimiter, limit: int, window: float) -> None:
        self._limiter = limiter
        self._limit = limit
        self._window = window

    async def check(self, email: str, client: str) -> None:
        """Count an attempt of a client, which is an IP address or network.

        Raises:
            RateLimitExceededError: the client has no attempt left for this address, or all clients together have none.
        """
        # the client first: what is rejected there does not count for the others
        await self._count(_throttle_key(email, client), self._limit)
        await self._count(_throttle_key(email), self._limit * CLIENTS_PER_ACCOUNT)

    async def reset(self, email: str, client: str) -> None:
        """Forget the attempts of a client and those of all clients together."""
        await self._limiter.reset(_throttle_key(email, client), _throttle_key(email))

    async def _count(self, key: str, limit: int) -> None:
        decision = await self._limiter.hit(key, limit, self._window)
        if not decision.allowed:
            log_audit_event("login", actor="anonymous", outcome="throttled")
            raise RateLimitExceededError("Too many attempts.", retry_after=decision.retry_after)


class LoginService:
    """Issues tokens for credentials and for refresh tokens."""

    def __init__(
        self, users: UserService, sessions: SessionService, tokens: JwtService, throttle: LoginThrottle
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._tokens = tokens
        self._throttle = throttle

    async def login(self, email: str, password: str, client: str, *, remember: bool = False) -> IssuedTokens:
        """Start a session for a client, which is an IP address or network. A successful login resets the throttle.

        Raises:
            RateLimitExceededError: too many attempts for this address.
            AuthenticationError: the address or the password is wrong.
        """
        # before the password, because verifying one is expensive for every client
        await self._throttle.check(email, client)
        user = await self._users.authenticate(email, password)
        if user is None:
            log_audit_event("login", actor="anonymous", outcome="wrong")
            raise AuthenticationError(INVALID_CREDENTIALS_MESSAGE)
        await self._throttle.reset(email, client)
        session, refresh_token = await self._sessions.create(user.user_id, remember=remember)
        log_audit_event("login", actor=user.user_id)
        return self._issue(user, session, refresh_token)

    async def refresh(self, refresh_token: str) -> IssuedTokens:
        """Exchange a refresh token for new tokens.

        Raises:
            AuthenticationError: the token is invalid or was used before, or its user no longer exists.
        """
        try:
            session, next_token = await self._sessions.rotate(refresh_token)
        except InvalidRefreshTokenError as error:
            log_audit_event("refresh", actor="anonymous", outcome=str(error))
            raise AuthenticationError(INVALID_SESSION_MESSAGE) from None
        user = await self._users.get(session.user_id)
        if user is None:
            raise AuthenticationError(INVALID_SESSION_MESSAGE)
        log_audit_event("refresh", actor=user.user_id)
        return self._issue(user, session, next_token)

    def _issue(self, user: User, session: Session, refresh_token: str) -> IssuedTokens:
        roles = [Role(role) for role in user.roles]
        subject = TokenSubject(
            user_id=user.user_id,
            email=user.email,
            roles=roles,
            permissions=sorted(permissions_of(roles)),
            hotel_ids=user.hotel_ids,
            session_id=session.session_id,
        )
        return IssuedTokens(user, self._tokens.issue(subject), refresh_token, self._tokens.ttl_seconds)


def _throttle_key(email: str, client: str = "") -> str:
    """Return the key of an e-mail address and a client; the store must not contain the addresses themselves."""
    # in lower case as in the table, or each spelling would have attempts of its own
    return f"login:{hashlib.sha256(f'{email.lower()} {client}'.encode()).hexdigest()}"
