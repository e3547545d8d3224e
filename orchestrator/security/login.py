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


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """The tokens of a login or refresh. `expires_in` is the access token's lifetime in seconds."""

    user: User
    access_token: str
    refresh_token: str
    expires_in: int


class LoginThrottle:
    """Limits login attempts per e-mail address.

    Args:
        limiter: counts the attempts.
        limit: attempts per window.
        window: seconds.
    """

    def __init__(self, limiter: RateLimiter, limit: int, window: float) -> None:
        self._limiter = limiter
        self._limit = limit
        self._window = window

    async def check(self, email: str) -> None:
        """Count an attempt.

        Raises:
            RateLimitExceededError: the address has no attempt left.
        """
        decision = await self._limiter.hit(_throttle_key(email), self._limit, self._window)
        if not decision.allowed:
            log_audit_event("login", actor="nobody", outcome="throttled")
            raise RateLimitExceededError("Too many attempts.", retry_after=decision.retry_after)

    async def reset(self, email: str) -> None:
        """Forget the attempts of an address."""
        await self._limiter.reset(_throttle_key(email))


class LoginService:
    """Issues tokens for credentials and for refresh tokens."""

    def __init__(
        self, users: UserService, sessions: SessionService, tokens: JwtService, throttle: LoginThrottle
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._tokens = tokens
        self._throttle = throttle

    async def login(self, email: str, password: str, *, remember: bool = False) -> IssuedTokens:
        """Start a session. A successful login resets the throttle of its address.

        Raises:
            RateLimitExceededError: too many attempts for this address.
            AuthenticationError: the address or the password is wrong.
        """
        # before the password, because verifying one is expensive whoever sends it
        await self._throttle.check(email)
        user = await self._users.authenticate(email, password)
        if user is None:
            log_audit_event("login", actor="nobody", outcome="wrong")
            raise AuthenticationError(INVALID_CREDENTIALS_MESSAGE)
        await self._throttle.reset(email)
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
            log_audit_event("refresh", actor="nobody", outcome=str(error))
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


def _throttle_key(email: str) -> str:
    """Return the key of an address; the store must not contain the address itself."""
    # in lower case as in the table, or each spelling would have attempts of its own
    return f"login:{hashlib.sha256(email.lower().encode()).hexdigest()}"
