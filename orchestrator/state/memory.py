"""The state store in the memory of one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

EXPIRY_SWEEP_EVERY_WRITES = 1_000
"""Writes between two removals of expired entries."""


class InMemoryStateStore:
    """Implements StateStore. It needs no locks: no method awaits anything.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[float, Any]] = {}
        self._writes = 0

    async def get(self, key: str) -> str | None:
        """Return the value, or None if it is missing or expired."""
        value: str | None = self._read(key)
        return value

    async def get_all(self, *keys: str) -> list[str | None]:
        """Return the values of several keys."""
        return [self._read(key) for key in keys]

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Store a value."""
        self._write(key, value, ttl)

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Store `new` if the current value is `old`."""
        if self._read(key) != old:
            return False
        self._write(key, new, ttl)
        return True

    async def delete(self, *keys: str) -> None:
        """Delete values and sets."""
        for key in keys:
            self._entries.pop(key, None)

    async def set_add(self, member: str, ttls: Mapping[str, float]) -> None:
        """Add a member to sets and restart their times to live."""
        for key, ttl in ttls.items():
            # changed in place: the calls of one caller or day are thousands, which a copy would visit for each new one
            members: set[str] = self._read(key) or set()
            members.add(member)
            self._write(key, members, ttl)

    async def set_remove(self, member: str, *keys: str) -> None:
        """Remove a member from sets."""
        for key in keys:
            if members := self._read(key):
                members.discard(member)

    async def set_members(self, key: str) -> frozenset[str]:
        """Return all members of a set."""
        return frozenset(self._read(key) or ())

    async def ping(self) -> None:
        """Succeed: the store lives in the process."""

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    def _read(self, key: str) -> Any:
        expires_at, value = self._entries.get(key, (0.0, None))
        return value if expires_at > self._clock() else None

    def _write(self, key: str, value: Any, ttl: float) -> None:
        self._entries[key] = (self._clock() + ttl, value)
        self._writes += 1
        if self._writes % EXPIRY_SWEEP_EVERY_WRITES == 0:
            now = self._clock()
            self._entries = {name: entry for name, entry in self._entries.items() if entry[0] > now}
