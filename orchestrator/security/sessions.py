"""Login sessions and their refresh tokens, each of which is valid once."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestrator.state.store import StateStore

REMEMBER_ME_FACTOR = 30
"""How many times longer a remembered session lives."""


class Session(BaseModel):
    """One login. Times are Unix seconds.

    Attributes:
        family_hash: of the secret that all refresh tokens of this session contain. It distinguishes a token that was used
            before, which ends the session, from a guess, which must not.
        refresh_hash: of the secret that only the current refresh token contains.
        refresh_generation: number of the current refresh token.
    """

    model_config = ConfigDict(frozen=True)

    session_id: str
    user_id: str
    family_hash: str
    refresh_hash: str
    refresh_generation: int = 0
    created_at: float
    last_used_at: float
    expires_at: float


class InvalidRefreshTokenError(Exception):
    """A refresh token is invalid. The message is for the audit log, not for the client."""


class SessionService:
    """Stores sessions.

    Args:
        store: holds the sessions and each user's set of session ids.
        lifetime: seconds; a remembered session lives REMEMBER_ME_FACTOR times as long.
        reuse_grace: seconds after a refresh in which the token that it replaced is rejected without ending the session.
        clock: Unix seconds.
    """

    def __init__(
        self,
        store: StateStore,
        lifetime: float,
        reuse_grace: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._lifetime = lifetime
        self._reuse_grace = reuse_grace
        self._clock = clock

    async def create(self, user_id: str, *, remember: bool = False) -> tuple[Session, str]:
        """Return a new session and its first refresh token."""
        now = self._clock()
        session_id, family, secret = (
            secrets.token_urlsafe(16),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
        )
        lifetime = self._lifetime * (REMEMBER_ME_FACTOR if remember else 1)
        session = Session(
            session_id=session_id,
            user_id=user_id,
            family_hash=_hash(family),
            refresh_hash=_hash(secret),
            created_at=now,
            last_used_at=now,
            expires_at=now + lifetime,
        )
        # before the id is added to the set, because list_for_user removes ids without a session
        await self._store.set(_session_key(session_id), session.model_dump_json(), lifetime)
        # as long as the longest session, because adding a short one restarts the lifetime of the set
        await self._store.set_add(session_id, {_user_key(user_id): self._lifetime * REMEMBER_ME_FACTOR})
        return session, f"{session_id}.0.{family}.{secret}"

    async def rotate(self, token: str) -> tuple[Session, str]:
        """Return the session and its next refresh token; this one becomes invalid.

        Raises:
            InvalidRefreshTokenError: the token is unknown; or it was used before, which ends the session after the
                grace period: it is in the hands of two clients, and one of them stole it.
        """
        session_id, generation, family, secret = _split(token)
        stored = await self._store.get(_session_key(session_id))
        session = _parse(stored)
        if session is None or not secrets.compare_digest(_hash(family), session.family_hash):
            raise InvalidRefreshTokenError("unknown")
        if generation < session.refresh_generation:
            if not self._is_concurrent_use(session, generation):
                await self.revoke(session)
            raise InvalidRefreshTokenError("used before")
        if not secrets.compare_digest(_hash(secret), session.refresh_hash):
            raise InvalidRefreshTokenError("unknown")
        next_secret = secrets.token_urlsafe(32)
        rotated = self._next_generation(session, next_secret)
        # a refresh does not prolong the session
        ttl = session.expires_at - rotated.last_used_at
        # of two requests with the same token, only the first may get the next one
        if not await self._store.compare_and_swap(
            _session_key(session_id), stored, rotated.model_dump_json(), ttl
        ):
            raise InvalidRefreshTokenError("used at the same time")
        return rotated, f"{session_id}.{rotated.refresh_generation}.{family}.{next_secret}"

    def _is_concurrent_use(self, session: Session, generation: int) -> bool:
        """Return whether the token was replaced a moment ago, so that one client may have sent it twice."""
        return (
            generation == session.refresh_generation - 1
            and self._clock() - session.last_used_at < self._reuse_grace
        )

    def _next_generation(self, session: Session, secret: str) -> Session:
        changes = {
            "refresh_hash": _hash(secret),
            "refresh_generation": session.refresh_generation + 1,
            "last_used_at": self._clock(),
        }
        return session.model_copy(update=changes)

    async def get(self, session_id: str) -> Session | None:
        """Return a session that has neither ended nor expired."""
        return _parse(await self._store.get(_session_key(session_id)))

    async def list_for_user(self, user_id: str) -> list[Session]:
        """Return a user's sessions, the oldest first."""
        sessions = []
        for session_id in await self._store.set_members(_user_key(user_id)):
            session = await self.get(session_id)
            if session:
                sessions.append(session)
            else:
                await self._store.set_remove(session_id, _user_key(user_id))
        return sorted(sessions, key=lambda session: session.created_at)

    async def revoke(self, session: Session) -> None:
        """End a session; its tokens become invalid at once."""
        # first, because tokens are checked against the session; the set only lists
        await self._store.delete(_session_key(session.session_id))
        await self._store.set_remove(session.session_id, _user_key(session.user_id))

    async def revoke_all(self, user_id: str) -> int:
        """End all sessions of a user. Return how many there were."""
        sessions = await self.list_for_user(user_id)
        for session in sessions:
            await self.revoke(session)
        return len(sessions)


def _split(token: str) -> tuple[str, int, str, str]:
    parts = token.split(".")
    if len(parts) != 4 or not token.isascii() or not parts[1].isdecimal():
        raise InvalidRefreshTokenError("unknown")
    return parts[0], int(parts[1]), parts[2], parts[3]


def _parse(stored: str | None) -> Session | None:
    if stored is None:
        return None
    try:
        return Session.model_validate_json(stored)
    # another version of the service stored it with other fields: the user logs in again
    except ValidationError:
        return None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _session_key(session_id: str) -> str:
    return f"session:{session_id}"


def _user_key(user_id: str) -> str:
    return f"sessions-of:{user_id}"
