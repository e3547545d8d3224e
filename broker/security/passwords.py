"""Passwords: hashed with argon2, verified beside the event loop, and remembered for a short time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cachetools import TTLCache

REMEMBERED_SECONDS = 60.0
"""How long a password that was verified is not hashed again; each hash takes about 50 ms of CPU time."""

REMEMBERED_PASSWORDS = 1000
CONCURRENT_VERIFICATIONS = 2
"""Each takes 64 MB of memory."""

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _HASHER.hash(password)


class PasswordVerifier:
    """Verifies passwords in threads, a few at a time."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._remembered: TTLCache[bytes, bool] = TTLCache(REMEMBERED_PASSWORDS, REMEMBERED_SECONDS)
        self._slots = asyncio.Semaphore(CONCURRENT_VERIFICATIONS)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether a password has the hash; None is the hash of a user who does not exist."""
        # the hash is part of the key, so that a changed password is forgotten at once
        text = f"{password_hash}\0{password}".encode("utf-8", "surrogatepass")
        key = hmac.digest(self._key, text, hashlib.sha256)
        if key in self._remembered:
            return True
        async with self._slots:
            # another request may have verified it in the meantime
            if key in self._remembered:
                return True
            valid = await asyncio.to_thread(verify_password, password_hash, password)
        if valid:
            self._remembered[key] = True
        return valid


def verify_password(password_hash: str | None, password: str) -> bool:
    """Return whether a password has the hash; None is the hash of a user who does not exist."""
    if password_hash is None:
        # as slow as for a user who exists, so that the time does not tell who does
        hash_password(password)
        return False
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
