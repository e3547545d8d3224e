"""The stubs of the example vendor and of LiveKit, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.registry import create_stub_app
from tests.stubs.example_vendor import KEY, make_app
from tests.stubs.twirp import TwirpClient


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


@pytest.fixture(scope="module")
def livekit_app() -> StubApp:
    """LiveKit's stub."""
    return create_stub_app("livekit")


@pytest.fixture
async def livekit(livekit_app: StubApp) -> AsyncIterator[TwirpClient]:
    """A client of LiveKit's stub in its initial state, without a network."""
    livekit_app.runtime.reset()
    transport = httpx.ASGITransport(livekit_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://livekit") as http:
        yield TwirpClient(http)
