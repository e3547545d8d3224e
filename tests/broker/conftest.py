"""A client of an empty broker in the test process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from broker.app import create_app
from broker.database import Database
from broker.settings import OFFICIAL, Settings


@pytest.fixture
async def broker() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an empty in-memory broker that accepts HAL, as the official clients do."""
    async with broker_client() as client:
        yield client


@pytest.fixture
async def official_broker() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a broker that decides by the official rules; the stricter ones say yes less often."""
    async with broker_client(Settings(rules=OFFICIAL)) as client:
        yield client


@asynccontextmanager
async def broker_client(settings: Settings | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of an empty in-memory broker with these settings."""
    database = Database(":memory:")
    transport = httpx.ASGITransport(create_app(database, settings))
    headers = {"Accept": "application/hal+json, application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://broker", headers=headers) as client:
        yield client
    database.close()
