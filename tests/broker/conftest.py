"""A client of an empty broker in the test process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.app import create_app
from broker.domain.webhook_rules import WebhookRules, parse_host_rule
from broker.settings import OFFICIAL, Settings
from broker.webhooks.settings import WebhookSettings
from tests.broker.memory import memory_database
from tests.broker.pages import HOOK, publish
from tests.broker.users import OpenBroker, users_toml
from tests.broker.webhook_receiver import WebhookReceiver, webhook, webhook_receiver


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
    database = memory_database()
    transport = httpx.ASGITransport(create_app(database, settings))
    headers = {"Accept": "application/hal+json, application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://broker", headers=headers) as client:
        yield client
    database.close()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A receiver of webhooks."""
    with webhook_receiver() as running:
        yield running


@pytest.fixture
def webhook_settings() -> WebhookSettings:
    """The settings of `webhook_broker`: loopback is allowed, and failed attempts are repeated at once."""
    rules = WebhookRules(
        methods=("POST", "PUT"), schemes=("http", "https"), hosts=(parse_host_rule("127.0.0.1"),)
    )
    return WebhookSettings(rules, retry_seconds=(0.0, 0.0))


@pytest.fixture
async def webhook_broker(
    webhook_settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an empty in-memory broker that sends webhooks as soon as a request has triggered them."""
    # so long that a test which depends on the worker's polling fails
    monkeypatch.setattr("broker.webhooks.worker.MAX_WAIT_SECONDS", 600.0)
    database = memory_database()
    app = create_app(database, webhook_settings=webhook_settings)
    headers = {"Accept": "application/hal+json, application/json"}
    async with (
        app.state.webhook_worker.running(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://broker", headers=headers
        ) as client,
    ):
        yield client
    database.close()


@pytest.fixture
async def shop(broker: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of a broker with two versions of Web, a version of Hotel in production, and a webhook."""
    await broker.put(
        HOOK, json=webhook("https://ci.example.org/hook", "contract_published", description="Build")
    )
    await publish(broker, "1", "first")
    await publish(broker, "2", "second")
    await broker.put("/pacticipants/Hotel/versions/7", json={})
    environments = (await broker.get("/environments")).json()["_embedded"]["environments"]
    [uuid] = [item["uuid"] for item in environments if item["name"] == "production"]
    await broker.post(f"/pacticipants/Hotel/versions/7/deployed-versions/environment/{uuid}", json={})
    return broker


@pytest.fixture
def users_file(tmp_path: Path) -> Path:
    """A file with users and tokens."""
    file = tmp_path / "users.toml"
    file.write_text(users_toml())
    return file


@pytest.fixture
def open_broker(users_file: Path) -> OpenBroker:
    """Return a function that opens a client of a broker with users."""

    @asynccontextmanager
    async def open_client(
        client: tuple[str, int] = ("10.9.8.7", 1), **settings: Any
    ) -> AsyncIterator[httpx.AsyncClient]:
        database = memory_database()
        app = create_app(database, Settings(users_file=users_file, **settings))
        transport = httpx.ASGITransport(app, client=client)
        async with httpx.AsyncClient(transport=transport, base_url="http://broker") as opened:
            yield opened
        database.close()

    return open_client
