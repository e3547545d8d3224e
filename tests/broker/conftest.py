"""A client of an empty broker in the test process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache

import httpx
import pytest
from fastapi import FastAPI

from broker.app import create_app
from broker.database import Database


@cache
def shared_app() -> FastAPI:
    """The application, without a database: building its routes takes longer than most tests."""
    return create_app(Database(":memory:"))


@pytest.fixture
async def broker() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an empty in-memory broker that accepts HAL, as the official clients do."""
    database = Database(":memory:")
    app = shared_app()
    app.state.database = database
    transport = httpx.ASGITransport(app)
    headers = {"Accept": "application/hal+json, application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://broker", headers=headers) as client:
        yield client
    database.close()
