"""Sessions: what a login begins and a logout ends; refresh tokens that are good once."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from orchestrator.keyvalue import KeyValue

REMEMBERED = 30
"""How much longer a session lives that the user wants remembered."""


class Session(BaseModel):
    """One login; times are seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    user_id: str
    refresh_hash: str
    generation: int = 0
    created_at: float
    used_at: float
    expires_at: float


class SessionError(Exception):
    """A refresh token is not good; the reason is for the audit log, never for the caller."""


class Sessions:
    """Keeps sessions.

    Args:
        store: where.
        lifetime: seconds; a remembered one lives `REMEMBERED` times as long.
        clock: seconds since 1970.
    """

    def __init__(self, store: KeyValue, lifetime: float, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._lifetime = lifetime
        self._clock = clock

    async def begin(self, user_id: str, *, remember: bool = False) -> tuple[Session, str]:
        """A new session and its first refresh token."""
        now = self._clock()
        session_id = secrets.token_urlsafe(16)
        secret = secrets.token_urlsafe(32)
        session = Session(
            session_id=session_id,
            user_id=user_id,
            refresh_hash=_hash(secret),
            created_at=now,
            used_at=now,
            expires_at=now + self._lifetime * (REMEMBERED if remember else 1),
        )
        left = session.expires_at - now
        await self._store.put(_key(session_id), session.model_dump_json(), left)
        await self._store.add(_user(user_id), session_id, self._lifetime * REMEMBERED)
        return session, f"{session_id}.0.{secret}"

    async def refresh(self, token: str) -> tuple[Session, str]:
        """The session, and the next refresh token; this one is used up.

        Raises:
            SessionError: the token is unknown; or it was used before, which ends the session: of two who
                hold it, one has stolen it.
        """
        session_id, _, rest = token.partition(".")
        generation, _, secret = rest.partition(".")
        kept = await self._store.get(_key(session_id))
        if kept is None or not generation.isdecimal():
            raise SessionError("unknown")
        session = Session.model_validate_json(kept)
        if int(generation) < session.generation:
            await self.end(session)
            raise SessionError("used before")
        if not secrets.compare_digest(_hash(secret), session.refresh_hash):
            raise SessionError("unknown")
        fresh = secrets.token_urlsafe(32)
        now = self._clock()
        changes = {"refresh_hash": _hash(fresh), "generation": session.generation + 1, "used_at": now}
        renewed = session.model_copy(update=changes)
        left = session.expires_at - now
        if not await self._store.swap(_key(session_id), kept, renewed.model_dump_json(), left):
            raise SessionError("used at the same time")
        return renewed, f"{session_id}.{renewed.generation}.{fresh}"

    async def get(self, session_id: str) -> Session | None:
        """A session that has neither ended nor expired."""
        kept = await self._store.get(_key(session_id))
        return Session.model_validate_json(kept) if kept else None

    async def of(self, user_id: str) -> list[Session]:
        """A user's sessions, the oldest first."""
        found = []
        for session_id in await self._store.members(_user(user_id)):
            session = await self.get(session_id)
            if session:
                found.append(session)
            else:
                await self._store.remove(_user(user_id), session_id)
        return sorted(found, key=lambda session: session.created_at)

    async def end(self, session: Session) -> None:
        """End a session: its tokens are dead at once."""
        await self._store.delete(_key(session.session_id))
        await self._store.remove(_user(session.user_id), session.session_id)

    async def end_all(self, user_id: str) -> int:
        """End all of a user's sessions; how many there were."""
        sessions = await self.of(user_id)
        for session in sessions:
            await self.end(session)
        return len(sessions)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(session_id: str) -> str:
    return f"session:{session_id}"


def _user(user_id: str) -> str:
    return f"sessions-of:{user_id}"
