"""Long bodies are parsed beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from broker.database import Database

MAX_BYTES_IN_LOOP = 64 * 1024
"""A body up to this length is parsed in less time than it takes to pass it to another thread and back a few times."""

T = TypeVar("T")


class BodyParser:
    """A thread that parses long bodies, one after another: several at once would only need more memory.

    Args:
        database: the database, which closes the thread before it is closed.
    """

    def __init__(self, database: Database) -> None:
        self._pool = ThreadPoolExecutor(1, "broker-parse")
        database.close_before(self)

    async def run(self, parse: Callable[[bytes], T], body: bytes) -> T:
        """Return the result of a function of a body, which is called in the thread if the body is long."""
        if len(body) <= MAX_BYTES_IN_LOOP:
            return parse(body)
        return await asyncio.get_running_loop().run_in_executor(self._pool, parse, body)

    def close(self) -> None:
        """Wait for the body that is parsed, and end the thread."""
        self._pool.shutdown()
