"""Passwords, as Argon2id keeps them."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class PasswordService:
    """Hashes and checks passwords in a thread, a few at a time: each takes its memory and its time on purpose.

    Args:
        least: as cheap as Argon2 can be, for tests.
        concurrent: checks at a time.
    """

    def __init__(self, *, minimum_cost: bool = False, max_concurrency: int = 2) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if minimum_cost else PasswordHasher()
        )
        self._turns = asyncio.Semaphore(max_concurrency)
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; takes as long when there is no such user."""
        async with self._turns:
            right = await asyncio.to_thread(self._verify, password_hash or self._nobody, password)
        return right and password_hash is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
