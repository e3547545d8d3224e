"""A stream that is still being written, and that any number of readers read from its start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class ReplayableStream(Generic[T]):
    """Keeps all items for readers that come later; the writer bounds their number."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._ended = False
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    def put(self, item: T) -> None:
        """Append an item."""
        self._items.append(item)
        self._wake_readers()

    def end(self, error: Exception | None = None) -> None:
        """End the stream; readers get the error after the last item."""
        self._ended, self._error = True, error
        self._wake_readers()

    async def wait_for_start(self) -> None:
        """Wait for the first item or the end.

        Raises:
            Exception: the error with which the stream ended before its first item.
        """
        async for _ in self:
            return

    async def __aiter__(self) -> AsyncIterator[T]:
        """Give all items from the first one on, and wait for further ones until the end."""
        position = 0
        while True:
            while position < len(self._items):
                yield self._items[position]
                position += 1
            if self._ended:
                if self._error:
                    raise self._error
                return
            await self._changed.wait()

    def _wake_readers(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
