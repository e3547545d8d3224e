"""API keys of services: shown once, stored as hashes, limited to permissions and hotels."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from orchestrator.persistence.database import Database
from orchestrator.persistence.tables import ApiKeyRow
from orchestrator.security.roles import Permission

KEY_PREFIX = "vh"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret. `hotel_ids` None means all hotels."""

    key_id: str
    name: str
    service_name: str
    permissions: frozenset[Permission]
    hotel_ids: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ApiKeyService:
    """Stores and verifies keys.

    Args:
        database: holds the keys.
        clock: the current time, with its zone.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        name: str,
        service_name: str,
        permissions: Sequence[Permission],
        expires_days: int | None,
        hotel_ids: Sequence[str] | None = None,
    ) -> tuple[ApiKey, str]:
        """Create a key. Return it and the text that the service has to send, which is not stored."""
        now = self._clock()
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        row = ApiKeyRow(
            key_id=key_id,
            name=name,
            service_name=service_name,
            permissions=sorted(permissions),
            hotel_ids=list(hotel_ids) if hotel_ids is not None else None,
            secret_hash=_hash(secret),
            created_at=now,
            expires_at=now + timedelta(days=expires_days) if expires_days else None,
        )
        async with self._database.transaction() as db_session:
            db_session.add(row)
        return _from_row(row), _format_key(key_id, secret)

    async def verify(self, text: str) -> ApiKey | None:
        """Return the key with this id and secret, unless it has expired."""
        prefix, _, rest = text.partition("_")
        # only the first underscore separates: a secret may contain one
        key_id, _, secret = rest.partition("_")
        # the id goes into a query, and PostgreSQL rejects a NUL in a value
        if prefix != KEY_PREFIX or not secret or not text.isascii() or not text.isprintable():
            return None
        async with self._database.transaction() as db_session:
            row = await db_session.get(ApiKeyRow, key_id)
        # in constant time, or response times would disclose how much of the hash is right
        if row is None or not secrets.compare_digest(_hash(secret), row.secret_hash):
            return None
        key = _from_row(row)
        return None if key.expires_at and key.expires_at <= self._clock() else key

    async def get(self, key_id: str) -> ApiKey | None:
        """Return a key."""
        async with self._database.transaction() as db_session:
            row = await db_session.get(ApiKeyRow, key_id)
            return _from_row(row) if row else None

    async def list_all(self) -> list[ApiKey]:
        """Return all keys, the oldest first."""
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at))
            return [_from_row(row) for row in rows]

    async def rotate(self, key_id: str) -> str | None:
        """Replace the secret of a key; the old one becomes invalid. Return None if there is no such key."""
        secret = secrets.token_urlsafe(32)
        async with self._database.transaction() as db_session:
            row = await db_session.get(ApiKeyRow, key_id)
            if row is None:
                return None
            row.secret_hash = _hash(secret)
        return _format_key(key_id, secret)

    async def revoke(self, key_id: str) -> bool:
        """Delete a key. Return whether there was one."""
        async with self._database.transaction() as db_session:
            row = await db_session.get(ApiKeyRow, key_id)
            if row is not None:
                await db_session.delete(row)
            return row is not None


def _format_key(key_id: str, secret: str) -> str:
    return f"{KEY_PREFIX}_{key_id}_{secret}"


def _hash(secret: str) -> str:
    # a fast hash is enough: unlike a password, 256 random bits cannot be guessed
    return hashlib.sha256(secret.encode()).hexdigest()


def _from_row(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        service_name=row.service_name,
        permissions=frozenset(map(Permission, row.permissions)),
        hotel_ids=tuple(row.hotel_ids) if row.hotel_ids is not None else None,
        created_at=_with_zone(row.created_at),
        expires_at=_with_zone(row.expires_at) if row.expires_at else None,
    )


def _with_zone(moment: datetime) -> datetime:
    """Add the zone, which SQLite does not store."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
