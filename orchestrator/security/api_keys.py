"""API keys of services: shown once, kept as hashes, good for what they name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from orchestrator.persistence.database import ApiKeyRow, Database
from orchestrator.security.roles import Permission

KEY_PREFIX = "vh"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret."""

    key_id: str
    name: str
    service_name: str
    permissions: frozenset[Permission]
    created_at: datetime
    expires_at: datetime | None


def _now() -> datetime:
    return datetime.now(UTC)


class ApiKeyService:
    """Keeps the keys.

    Args:
        database: where.
        clock: the time, with its zone.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, name: str, service_name: str, permissions: Sequence[Permission], expires_days: int | None
    ) -> tuple[ApiKey, str]:
        """A new key, and the text a service sends, which nobody can read again."""
        now = self._clock()
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        row = ApiKeyRow(
            key_id=key_id,
            name=name,
            service_name=service_name,
            permissions=sorted(permissions),
            secret_hash=_hash(secret),
            created_at=now,
            expires_at=now + timedelta(days=expires_days) if expires_days else None,
        )
        async with self._database.session_factory.begin() as session:
            session.add(row)
        return _from_row(row), f"{KEY_PREFIX}_{key_id}_{secret}"

    async def verify(self, text: str) -> ApiKey | None:
        """The key that a text is, if it is one and has not expired."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != KEY_PREFIX or not secret or not text.isascii():
            return None
        async with self._database.session_factory() as session:
            row = await session.get(ApiKeyRow, key_id)
        if row is None or not secrets.compare_digest(_hash(secret), row.secret_hash):
            return None
        key = _from_row(row)
        return None if key.expires_at and key.expires_at <= self._clock() else key

    async def list_all(self) -> list[ApiKey]:
        """All keys, the oldest first."""
        async with self._database.session_factory() as session:
            rows = await session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at))
            return [_from_row(row) for row in rows]

    async def rotate(self, key_id: str) -> str | None:
        """A new secret for a key; the old one is dead. None when there is no such key."""
        secret = secrets.token_urlsafe(32)
        async with self._database.session_factory.begin() as session:
            row = await session.get(ApiKeyRow, key_id)
            if row is None:
                return None
            row.secret_hash = _hash(secret)
        return f"{KEY_PREFIX}_{key_id}_{secret}"

    async def revoke(self, key_id: str) -> bool:
        """Take a key away; whether there was one."""
        async with self._database.session_factory.begin() as session:
            gone = await session.execute(
                delete(ApiKeyRow).where(ApiKeyRow.key_id == key_id).returning(ApiKeyRow.key_id)
            )
            return gone.first() is not None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _from_row(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        row.key_id,
        row.name,
        row.service_name,
        frozenset(map(Permission, row.permissions)),
        _with_zone(row.created_at),
        _with_zone(row.expires_at) if row.expires_at else None,
    )


def _with_zone(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
