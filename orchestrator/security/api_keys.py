"""API keys of services: shown once, stored as hashes, limited to permissions and hotels."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.clock import Clock, utc_now
from orchestrator.persistence.api_keys import ApiKeyRepository, StoredApiKey
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


class ApiKeyService:
    """Creates and verifies keys.

    Args:
        keys: holds the keys.
        clock: the current time, with its zone.
    """

    def __init__(self, keys: ApiKeyRepository, clock: Clock = utc_now) -> None:
        self._keys = keys
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
        stored = StoredApiKey(
            key_id=key_id,
            name=name,
            service_name=service_name,
            permissions=sorted(permissions),
            hotel_ids=list(hotel_ids) if hotel_ids is not None else None,
            secret_hash=_hash(secret),
            created_at=now,
            expires_at=now + timedelta(days=expires_days) if expires_days else None,
        )
        await self._keys.add(stored)
        return _without_secret(stored), _format_key(key_id, secret)

    async def verify(self, text: str) -> ApiKey | None:
        """Return the key with this id and secret, unless it has expired."""
        prefix, _, rest = text.partition("_")
        # only the first underscore separates: a secret may contain one
        key_id, _, secret = rest.partition("_")
        # the id goes into a query, and PostgreSQL rejects a NUL in a value
        if prefix != KEY_PREFIX or not secret or not text.isascii() or not text.isprintable():
            return None
        stored = await self._keys.get(key_id)
        # in constant time, or response times would disclose how much of the hash is right
        if stored is None or not secrets.compare_digest(_hash(secret), stored.secret_hash):
            return None
        has_expired = stored.expires_at is not None and stored.expires_at <= self._clock()
        return None if has_expired else _without_secret(stored)

    async def get(self, key_id: str) -> ApiKey | None:
        """Return a key."""
        stored = await self._keys.get(key_id)
        return _without_secret(stored) if stored else None

    async def list_all(self) -> list[ApiKey]:
        """Return all keys, the oldest first."""
        return [_without_secret(stored) for stored in await self._keys.list_all()]

    async def rotate(self, key_id: str) -> str | None:
        """Replace the secret of a key; the old one becomes invalid. Return None if there is no such key."""
        secret = secrets.token_urlsafe(32)
        is_replaced = await self._keys.replace_secret(key_id, _hash(secret))
        return _format_key(key_id, secret) if is_replaced else None

    async def revoke(self, key_id: str) -> bool:
        """Delete a key. Return whether there was one."""
        return await self._keys.delete(key_id)


def _format_key(key_id: str, secret: str) -> str:
    return f"{KEY_PREFIX}_{key_id}_{secret}"


def _hash(secret: str) -> str:
    # a fast hash is enough: unlike a password, 256 random bits cannot be guessed
    return hashlib.sha256(secret.encode()).hexdigest()


def _without_secret(stored: StoredApiKey) -> ApiKey:
    return ApiKey(
        key_id=stored.key_id,
        name=stored.name,
        service_name=stored.service_name,
        permissions=frozenset(map(Permission, stored.permissions)),
        hotel_ids=tuple(stored.hotel_ids) if stored.hotel_ids is not None else None,
        created_at=stored.created_at,
        expires_at=stored.expires_at,
    )
