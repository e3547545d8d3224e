"""Requests that only read run in worker threads, beside each other and beside writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.database import Database
from broker.sqlite_errors import DatabaseUnavailableError

WORKERS = 6
"""More reads than this wait in the order of their arrival."""

HEARTBEAT_PATH = "/diagnostic/status/heartbeat"

T = TypeVar("T")


class ReadWorkers:
    """Threads that read, each on one state of the database.

    Args:
        database: the database, which closes the threads before it is closed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pool = ThreadPoolExecutor(WORKERS, "broker-read")
        database.close_before(self)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return the result of a function that reads the database.

        Raises:
            DatabaseUnavailableError: The database cannot be opened or read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, function, arguments)

    def close(self) -> None:
        """Wait for the running reads and end the threads."""
        self._pool.shutdown()

    def _run(self, function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        with self._database.snapshot():
            return function(*arguments)


class ReadWorkersMiddleware:
    """Runs GET requests in worker threads.

    The statements of SQLite and the rendering of a long list would otherwise hold every other request. The response is
    sent by the event loop of the server once it is complete. A handler of a GET request must neither write nor wait for
    anything: a worker has no event loop.

    Args:
        app: the application that handles the requests.
        workers: the threads.
    """

    def __init__(self, app: ASGIApp, workers: ReadWorkers) -> None:
        self._app = app
        self._workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request in a worker, or in the event loop if it may write."""
        # the heartbeat must not wait for workers that are all busy
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] == HEARTBEAT_PATH:
            await self._app(scope, receive, send)
            return
        try:
            messages = await self._workers.run(self._respond, scope)
        except DatabaseUnavailableError:
            # no connection for the worker: the handler reports the error of the one that writes
            await self._app(scope, receive, send)
            return
        for message in messages:
            await send(message)

    def _respond(self, scope: Scope) -> list[Message]:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def collect(message: Any) -> None:
            messages.append(message)

        _run_without_loop(self._app(scope, receive, collect))
        return messages


def _run_without_loop(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing; an event loop would take longer than many requests."""
    with closing(coroutine), suppress(StopIteration):
        coroutine.send(None)
        raise RuntimeError("a request that only reads must not wait")
