"""What the service watches; checks at intervals are off, so that only requests start them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.app import create_app, running
from orchestrator.settings import SettingsError, load_settings
from tests.alert_receiver import AlertReceiver, alert_receiver
from tests.integration.database_control import LOCK_TIMEOUT_SECONDS
from tests.integration.waiting import wait_until
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS
from tests.redis_server import redis_server

LOGIN = {"email": "admin@hotel.example", "password": "a-long-password"}
HEADERS = {"X-Correlation-ID": "met-the-outage"}


@pytest.fixture
def receiver() -> Iterator[AlertReceiver]:
    """A receiver of alerts."""
    with alert_receiver() as receiver:
        yield receiver


def create(tmp_path: Path, **settings: str) -> FastAPI:
    """Return the application with a PMS in memory."""
    variables = {
        "ENVIRONMENT": "test",
        "PMS_KIND": "memory",
        "PASSWORD_COST": "least",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/x.sqlite",
    }
    return create_app(load_settings({**DUMMY_VENDOR_SETTINGS, **variables, **settings}))


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application and yield a client of it."""
    async with (
        running(app.state.container),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orchestrator") as http,
    ):
        yield http


def first_checks_are_done(database: Path) -> bool:
    """Return whether the check of the database, which starts last and takes longest, has written its row."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as connection:
        return connection.execute("SELECT count(*) FROM write_probe").fetchall() == [(1,)]


def drop_tables(database: Path, *tables: str) -> None:
    """Drop tables, so that every statement about them fails."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as connection, connection:
        for table in tables:
            connection.execute(f"DROP TABLE {table}")


async def wait_for(condition: Callable[[], bool]) -> None:
    """Wait while the application runs in this event loop."""
    await asyncio.to_thread(wait_until, condition, "the condition holds")


async def trigger_of(receiver: AlertReceiver, condition: str) -> str | None:
    """Wait for the alert about a condition; return its correlation id."""
    await wait_for(lambda: receiver.actions(condition) == ["trigger"])
    correlation_id: str | None = receiver.events(condition)[0]["payload"]["custom_details"]["correlation_id"]
    return correlation_id


async def test_request_that_meets_a_redis_outage_raises_alert(
    tmp_path: Path, receiver: AlertReceiver
) -> None:
    """With its correlation id."""
    with redis_server() as server:
        settings = {**receiver.settings, "ALERT_CHECK_SECONDS": "3600", "REDIS_URL": server.url}
        async with client_of(create(tmp_path, **settings)) as http:
            await wait_for(lambda: first_checks_are_done(tmp_path / "x.sqlite"))
            server.kill()
            response = await http.post("/auth/login", json=LOGIN, headers=HEADERS)

            assert (response.status_code, await trigger_of(receiver, "state-store")) == (
                503,
                "met-the-outage",
            )


async def test_request_that_meets_a_database_outage_raises_alert(
    tmp_path: Path, receiver: AlertReceiver
) -> None:
    """With its correlation id."""
    settings = {**receiver.settings, "ALERT_CHECK_SECONDS": "3600", "RETENTION_INTERVAL_SECONDS": "3600"}
    async with client_of(create(tmp_path, **settings)) as http:
        await wait_for(lambda: first_checks_are_done(tmp_path / "x.sqlite"))
        # in a thread, because the application in this event loop may hold the lock that the change waits for
        await asyncio.to_thread(drop_tables, tmp_path / "x.sqlite", "users", "write_probe")
        response = await http.post("/auth/login", json=LOGIN, headers=HEADERS)

        assert (response.status_code, await trigger_of(receiver, "database")) == (503, "met-the-outage")


async def test_without_a_channel_nothing_is_watched(tmp_path: Path) -> None:
    """Alerting is off by default: no task runs for it."""
    app = create(tmp_path)
    before = len(asyncio.all_tasks())
    async with app.state.container.alerts.running():
        during = len(asyncio.all_tasks())
    await app.state.container.shutdown()

    assert during == before


@pytest.mark.parametrize("url", ["hooks.slack.example/secret-path", "ftp://x/secret-path"])
def test_invalid_webhook_address_is_not_repeated(tmp_path: Path, url: str) -> None:
    """The address is a secret."""
    with pytest.raises(SettingsError, match="SLACK_WEBHOOK_URL") as raised:
        create(tmp_path, SLACK_WEBHOOK_URL=url)

    assert "secret-path" not in str(raised.value)


def test_secrets_of_channels_are_not_in_the_settings_text(tmp_path: Path, receiver: AlertReceiver) -> None:
    """A log of the settings would not reveal them."""
    text = repr(create(tmp_path, **receiver.settings).state.container.settings)

    assert not any(word in text for word in ("slack-webhook-secret", "pagerduty-routing-key"))
