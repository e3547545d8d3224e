"""The repository of API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from orchestrator.persistence.database import Database
from orchestrator.persistence.tables import ApiKeyRow
from orchestrator.persistence.timestamps import with_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredApiKey:
    """An API key with the hash of its secret. `hotel_ids` None means all hotels; times have a zone."""

    key_id: str
    name: str
    service_name: str
    permissions: list[str]
    hotel_ids: list[str] | None
    secret_hash: str
    created_at: datetime
    expires_at: datetime | None


class ApiKeyRepository:
    """Stores API keys. Every method raises DatabaseUnavailableError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: StoredApiKey) -> None:
        """Store a new key."""
        async with self._database.transaction() as db_session:
            db_session.add(
                ApiKeyRow(
                    key_id=key.key_id,
                    name=key.name,
                    service_name=key.service_name,
                    permissions=key.permissions,
                    hotel_ids=key.hotel_ids,
                    secret_hash=key.secret_hash,
                    created_at=key.created_at,
                    expires_at=key.expires_at,
                )
            )

    async def get(self, key_id: str) -> StoredApiKey | None:
        """Return the key with this id."""
        async with self._database.transaction() as db_session:
            row = await db_session.get(ApiKeyRow, key_id)
        return _from_row(row) if row else None

    async def list_all(self) -> list[StoredApiKey]:
        """Return all keys, the oldest first."""
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at))
            return [_from_row(row) for row in rows]

    async def replace_secret(self, key_id: str, secret_hash: str) -> bool:
        """Store another hash. Return whether there is such a key."""
        async with self._database.transaction() as db_session:
            # one statement, because a row that was read first may be deleted meanwhile
            replaced = await db_session.execute(
                update(ApiKeyRow)
                .where(ApiKeyRow.key_id == key_id)
                .values(secret_hash=secret_hash)
                .returning(ApiKeyRow.key_id)
            )
            return replaced.first() is not None

    async def delete(self, key_id: str) -> bool:
        """Delete a key. Return whether there was one; of concurrent deletions one returns True."""
        async with self._database.transaction() as db_session:
            deleted = await db_session.execute(
                delete(ApiKeyRow).where(ApiKeyRow.key_id == key_id).returning(ApiKeyRow.key_id)
            )
            return deleted.first() is not None


def _from_row(row: ApiKeyRow) -> StoredApiKey:
    return StoredApiKey(
        key_id=row.key_id,
        name=row.name,
        service_name=row.service_name,
        permissions=row.permissions,
        hotel_ids=row.hotel_ids,
        secret_hash=row.secret_hash,
        created_at=with_zone(row.created_at),
        expires_at=with_zone(row.expires_at) if row.expires_at else None,
    )
