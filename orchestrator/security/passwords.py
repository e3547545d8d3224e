"""Password hashing with Argon2id."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class PasswordService:
    """Hashes and verifies passwords in threads; Argon2 uses much memory and time on purpose.

    Args:
        minimum_cost: the cheapest parameters, for tests only.
        max_concurrency: hashes computed at the same time; further ones wait.
    """

    def __init__(self, *, minimum_cost: bool = False, max_concurrency: int = 2) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if minimum_cost else PasswordHasher()
        )
        # each hash takes 64 MiB, so a flood of logins must not compute many at once
        self._semaphore = asyncio.Semaphore(max_concurrency)
        # made with the same parameters, so that it takes the same time to verify
        self._dummy_hash = self._hasher.hash("no user has this password")

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        async with self._semaphore:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password matches. It takes as long for None (no such user) as for a hash."""
        async with self._semaphore:
            matches = await asyncio.to_thread(self._verify, password_hash or self._dummy_hash, password)
        # the dummy hash has a password too
        return matches and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
