"""The key-value store as the rest of the service uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol


class StoreUnavailableError(Exception):
    """The state store does not respond, or not in time."""


class ConcurrentUpdateError(Exception):
    """A value was changed by others during every attempt to change it; the store works."""


class StateStore(Protocol):
    """Text and sets of text by key. Every `ttl` is in seconds. Every method raises StoreUnavailableError."""

    async def get(self, key: str) -> str | None:
        """Return the value, or None if it is missing or expired."""

    async def get_all(self, *keys: str) -> list[str | None]:
        """Return the values of several keys, read at the same moment; None for each that is missing or expired."""

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Store a value."""

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Store `new` if the current value is `old` (None: no value). Of concurrent callers one succeeds."""

    async def delete(self, *keys: str) -> None:
        """Delete values and sets."""

    async def set_add(self, member: str, ttls: Mapping[str, float]) -> None:
        """Add a member to sets and restart their times to live, which are given by key."""

    async def set_remove(self, member: str, *keys: str) -> None:
        """Remove a member from sets."""

    async def set_members(self, key: str) -> frozenset[str]:
        """Return all members of a set."""

    async def ping(self) -> None:
        """Check that the store responds."""

    async def close(self) -> None:
        """Close all connections."""


async def update_with_retry(
    store: StateStore,
    key: str,
    change: Callable[[str | None], str],
    ttl: float,
    attempts: int = 50,
    *,
    known: str | None = None,
) -> str:
    """Read, change and write a value without losing concurrent updates (optimistic locking).

    Args:
        store: where the value is.
        key: its key.
        change: returns the new value.
        ttl: the lifetime of the new value in seconds.
        attempts: writes before giving up.
        known: a value read before, which is written over without a read if it is still the current one.

    Raises:
        ConcurrentUpdateError: every attempt met a concurrent update.
    """
    if known is not None:
        new = change(known)
        if new != known and await store.compare_and_swap(key, known, new, ttl):
            return new
    for _ in range(attempts):
        old = await store.get(key)
        new = change(old)
        # nothing to write, for example when an end is delivered again
        if new == old or await store.compare_and_swap(key, old, new, ttl):
            return new
        # lets the other writer go on, because the store in memory never suspends by itself
        await asyncio.sleep(0)
    raise ConcurrentUpdateError(key.partition(":")[0])
