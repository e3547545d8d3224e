"""The worker that sends triggered webhooks after the transaction of their cause, and retries them.

What is to be sent is in the database, so it is not lost when the broker is killed; an attempt that was interrupted
is made again. Of several brokers on one database, the one that holds the lock file sends.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from broker.database import Database, Row, now_microseconds
from broker.sqlite_errors import DatabaseUnavailableError
from broker.store import triggered_webhooks
from broker.webhooks.delivery import send_execution
from broker.webhooks.sender import WebhookSender

MAX_CONCURRENT = 5
"""How many requests are sent at the same time."""
MAX_WAIT_SECONDS = 1.0
"""How long the worker waits at most: another broker on the same database cannot wake it."""
FAILURE_PAUSE_SECONDS = 1.0
"""The wait before an execution is tried again whose attempt could not be stored."""
STOP_GRACE_SECONDS = 0.3
"""How long running attempts may take when the broker stops; the others are made again by the next one."""

logger = logging.getLogger("broker.webhooks")


class WebhookWorker:
    """Sends what is due.

    Args:
        db: the database.
        sender: sends the requests.
        lock_path: the lock file; None if no other process can use the database.
    """

    def __init__(self, db: Database, sender: WebhookSender, lock_path: Path | None = None) -> None:
        self._db = db
        self._sender = sender
        self._lock_path = lock_path
        self._wake = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Look for executions that are due at once; called after the transaction that stored them."""
        self._wake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work as long as the block."""
        with _lock_file(self._lock_path) as lock:
            task = asyncio.create_task(self._run(lock))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await self._stop_attempts()
                await self._sender.close()

    async def _run(self, lock: int | None) -> None:
        while True:
            self._wake.clear()
            wait = MAX_WAIT_SECONDS
            try:
                if _acquire(lock):
                    self._start_due()
                    wait = self._seconds_until_next()
            except DatabaseUnavailableError as error:
                logger.warning("due webhooks cannot be read: %s", error)
            except Exception:
                logger.exception("due webhooks cannot be read")
            await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _start_due(self) -> None:
        free = MAX_CONCURRENT - len(self._running)
        for execution in triggered_webhooks.list_due(self._db, free, self._running.keys()):
            task = asyncio.create_task(self._execute(execution))
            self._running[execution["id"]] = task

    def _seconds_until_next(self) -> float:
        due = triggered_webhooks.next_due(self._db, self._running.keys())
        if due is None or len(self._running) >= MAX_CONCURRENT:
            return MAX_WAIT_SECONDS
        return min(MAX_WAIT_SECONDS, max(0.0, (due - now_microseconds()) / 1e6))

    async def _execute(self, execution: Row) -> None:
        try:
            await self._send_and_store(execution)
        except DatabaseUnavailableError as error:
            logger.warning("the attempt of a webhook cannot be stored: %s", error)
            await asyncio.sleep(FAILURE_PAUSE_SECONDS)
        except Exception:
            logger.exception("a webhook failed; it will be tried again")
            await asyncio.sleep(FAILURE_PAUSE_SECONDS)
        finally:
            del self._running[execution["id"]]
            self._wake.set()

    async def _send_and_store(self, execution: Row) -> None:
        attempt = await send_execution(self._db, self._sender, execution)
        if isinstance(attempt, str):
            success, log, retry_after = False, f"[{_now()}] INFO: Not sent: {attempt}\n", None
        else:
            success = attempt.success
            retry_after = None if success else self._retry_after(execution)
            log = attempt.log + ("" if success else f"[{_now()}] INFO: {_describe_retry(retry_after)}\n")
        async with self._db.write_transaction():
            # it is deleted with its pact, maybe while it is sent
            if triggered_webhooks.find(self._db, execution["uuid"]):
                triggered_webhooks.add_attempt(
                    self._db, execution, success=success, log=log, retry_after_seconds=retry_after
                )

    def _retry_after(self, execution: Row) -> float | None:
        waits = self._sender.settings.retry_seconds
        return waits[execution["attempts"]] if execution["attempts"] < len(waits) else None

    async def _stop_attempts(self) -> None:
        tasks = list(self._running.values())
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_GRACE_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _describe_retry(seconds: float | None) -> str:
    return "There is no further attempt" if seconds is None else f"The next attempt is in {seconds:g} seconds"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _lock_file(path: Path | None) -> Iterator[int | None]:
    if path is None:
        yield None
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(lock: int | None) -> bool:
    """Return whether this process holds the lock, which ends with the process, also after SIGKILL."""
    if lock is None:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
