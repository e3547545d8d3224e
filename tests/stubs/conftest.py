"""The example vendor's stub, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.app import StubApp
from tests.stubs.example_vendor import KEY, make_app


@pytest.fixture
def app(tmp_path: Path) -> StubApp:
    """The example vendor's stub."""
    return make_app(tmp_path)


@pytest.fixture
async def shop(app: StubApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the stub that sends a valid API key."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=KEY) as client:
        yield client
