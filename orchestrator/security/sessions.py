"""Sessions: what a login begins and a logout ends; refresh tokens that are good once."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from orchestrator.state.store import StateStore

REMEMBER_ME_FACTOR = 30
"""How much longer a session lives that the user wants remembered."""


class Session(BaseModel):
    """One login; times are seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    user_id: str
    refresh_hash: str
    refresh_generation: int = 0
    created_at: float
    last_used_at: float
    expires_at: float


class InvalidRefreshTokenError(Exception):
    """A refresh token is not good; the reason is for the audit log, never for the caller."""


class SessionService:
    """Keeps sessions.

    Args:
        store: where.
        lifetime: seconds; a remembered one lives `REMEMBERED` times as long.
        clock: seconds since 1970.
    """

    def __init__(self, store: StateStore, lifetime: float, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._lifetime = lifetime
        self._clock = clock

    async def create(self, user_id: str, *, remember: bool = False) -> tuple[Session, str]:
        """A new session and its first refresh token."""
        now = self._clock()
        session_id = secrets.token_urlsafe(16)
        secret = secrets.token_urlsafe(32)
        session = Session(
            session_id=session_id,
            user_id=user_id,
            refresh_hash=_hash(secret),
            created_at=now,
            last_used_at=now,
            expires_at=now + self._lifetime * (REMEMBER_ME_FACTOR if remember else 1),
        )
        left = session.expires_at - now
        await self._store.set(_key(session_id), session.model_dump_json(), left)
        await self._store.set_add(_user(user_id), session_id, self._lifetime * REMEMBER_ME_FACTOR)
        return session, f"{session_id}.0.{secret}"

    async def rotate(self, token: str) -> tuple[Session, str]:
        """The session, and the next refresh token; this one is used up.

        Raises:
            InvalidRefreshTokenError: the token is unknown; or it was used before, which ends the session: of two who
                hold it, one has stolen it.
        """
        session_id, _, rest = token.partition(".")
        generation, _, secret = rest.partition(".")
        kept = await self._store.get(_key(session_id))
        if kept is None or not generation.isdecimal():
            raise InvalidRefreshTokenError("unknown")
        session = Session.model_validate_json(kept)
        if int(generation) < session.refresh_generation:
            await self.revoke(session)
            raise InvalidRefreshTokenError("used before")
        if not secrets.compare_digest(_hash(secret), session.refresh_hash):
            raise InvalidRefreshTokenError("unknown")
        fresh = secrets.token_urlsafe(32)
        now = self._clock()
        changes = {
            "refresh_hash": _hash(fresh),
            "refresh_generation": session.refresh_generation + 1,
            "last_used_at": now,
        }
        renewed = session.model_copy(update=changes)
        left = session.expires_at - now
        if not await self._store.compare_and_swap(_key(session_id), kept, renewed.model_dump_json(), left):
            raise InvalidRefreshTokenError("used at the same time")
        return renewed, f"{session_id}.{renewed.refresh_generation}.{fresh}"

    async def get(self, session_id: str) -> Session | None:
        """A session that has neither ended nor expired."""
        kept = await self._store.get(_key(session_id))
        return Session.model_validate_json(kept) if kept else None

    async def list_for_user(self, user_id: str) -> list[Session]:
        """A user's sessions, the oldest first."""
        found = []
        for session_id in await self._store.set_members(_user(user_id)):
            session = await self.get(session_id)
            if session:
                found.append(session)
            else:
                await self._store.set_remove(_user(user_id), session_id)
        return sorted(found, key=lambda session: session.created_at)

    async def revoke(self, session: Session) -> None:
        """End a session: its tokens are dead at once."""
        await self._store.delete(_key(session.session_id))
        await self._store.set_remove(_user(session.user_id), session.session_id)

    async def revoke_all(self, user_id: str) -> int:
        """End all of a user's sessions; how many there were."""
        sessions = await self.list_for_user(user_id)
        for session in sessions:
            await self.revoke(session)
        return len(sessions)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(session_id: str) -> str:
    return f"session:{session_id}"


def _user(user_id: str) -> str:
    return f"sessions-of:{user_id}"
