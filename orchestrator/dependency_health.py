"""The health of the state store and the database, for health routes and alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from orchestrator.persistence.database import DatabaseUnavailableError
from orchestrator.state.store import StoreUnavailableError

PING_TIMEOUT_SECONDS = 2.0


async def is_available(check: Awaitable[None]) -> bool:
    """Return whether a dependency's own check succeeds in time."""
    try:
        async with asyncio.timeout(PING_TIMEOUT_SECONDS):
            await check
    except (StoreUnavailableError, DatabaseUnavailableError, TimeoutError):
        return False
    return True
