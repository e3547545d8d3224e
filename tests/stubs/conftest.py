"""The stubs of the example vendor and of LiveKit, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN
from tests.stubs.example_vendor import KEY, make_app
from tests.stubs.stub_calls import set_state
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


@pytest.fixture(scope="module")
def vault_url() -> Iterator[str]:
    """The base URL of a running stub."""
    with run_stubs(["vault"]) as urls:
        yield urls["vault"]


@pytest.fixture
def vault(vault_url: str) -> Iterator[httpx.Client]:
    """A client of a fresh stub with its root token."""
    with httpx.Client(base_url=vault_url, headers={"X-Vault-Token": ROOT_TOKEN}) as client:
        client.post("/_stub/reset").raise_for_status()
        yield client
        assert client.get("/_stub/defects").json() == []


@pytest.fixture(scope="module")
def apaleo_url() -> Iterator[str]:
    """The base URL of a running stub."""
    with run_stubs(["apaleo"]) as urls:
        yield urls["apaleo"]


@pytest.fixture
def apaleo(apaleo_url: str) -> Iterator[httpx.Client]:
    """A client of a fresh stub with a token for everything."""
    with httpx.Client(base_url=apaleo_url) as client:
        client.post("/_stub/reset").raise_for_status()
        client.headers["Authorization"] = f"Bearer {set_state(client, 'an access token')['token']}"
        yield client
        assert client.get("/_stub/defects").json() == []


@pytest.fixture
def guests(apaleo: httpx.Client) -> httpx.Client:
    """A client of a stub with three reservations: one to come, one in the house and a cancelled one."""
    set_state(apaleo, "a reservation", id="XPGMSXGF-1", ahead=9)
    ada = {"firstName": "Bob", "lastName": "Zimmer", "email": "bob@example.org"}
    set_state(apaleo, "a reservation", id="INHOUSE-1", status="InHouse", unit="MUC-102", guest=ada, due=10.0)
    set_state(apaleo, "a reservation", id="GONE-1", status="Canceled", ahead=3)
    return apaleo
