"""Metrics, start and stop, and clients that hang up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from orchestrator.app import running
from orchestrator.container import Container
from orchestrator.resilience.errors import BULKHEAD_FULL
from tests.orchestrator.api.conftest import ADMIN


async def test_metrics_contain_process_and_rejections(http: httpx.AsyncClient) -> None:
    """A rejected login is counted under its route."""
    for _ in range(6):
        await http.post("/auth/login", json={"email": ADMIN[0], "password": "wrong password"})

    lines = (await http.get("/metrics")).text.splitlines()

    names = {line.partition(" ")[0] for line in lines}
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= names
    assert 'rate_limit_rejections_total{route="/auth/login"} 1.0' in lines


async def test_rate_limit_usage_reports_the_limit_of_the_client(
    http: httpx.AsyncClient, admin: dict[str, str], container: Container
) -> None:
    """API keys have a limit of their own; users and addresses share one."""
    limits = container.settings.limits
    new = {"name": "n", "service_name": "s", "permissions": ["call:manage"]}
    key = (await http.post("/auth/api-keys", json=new, headers=admin)).json()["id"]
    user = (await http.get("/auth/profile", headers=admin)).json()["user_id"]

    reported = {
        client: (await http.get(f"/resilience/rate-limits/{client}", headers=admin)).json()["limit"]
        for client in (key, user, "ip:127.0.0.1")
    }

    assert limits.api_key_rate_limit != limits.user_rate_limit
    assert reported == {
        key: limits.api_key_rate_limit,
        user: limits.user_rate_limit,
        "ip:127.0.0.1": limits.user_rate_limit,
    }


async def test_full_bulkhead_is_counted(container: Container) -> None:
    """The rejected calls are counted by vendor."""
    guard = container.vendors.guards["tts"]

    guard._observer("tts", "synthesize", BULKHEAD_FULL, 0.1)  # noqa: SLF001 - filling it takes its queue time-out
    guard._observer("tts", "synthesize", "success", 0.1)  # noqa: SLF001 - the same

    assert 'backpressure_rejections_total{resource="tts"} 1.0' in container.metrics.render().decode()


@pytest.mark.parametrize("path", ["/auth/login", "/webhook/call-event", "/v1/livekit/webhook"])
async def test_client_that_hangs_up_in_mid_body_is_no_server_error(
    app: FastAPI, http: httpx.AsyncClient, admin: dict[str, str], path: str
) -> None:
    """It is counted as 499, and gets no response."""
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {**admin, "content-type": "application/json"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }
    await app(scope, receive, send)

    lines = (await http.get("/metrics")).text.splitlines()
    assert sent == []
    assert f'http_requests_total{{method="POST",route="{path}",status="499"}} 1.0' in lines


async def test_body_has_to_arrive_in_time(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """408 in the service's error format, even if a byte arrives now and then."""
    monkeypatch.setattr("orchestrator.api.middleware.request_body.BODY_TIMEOUT_SECONDS", 0.2)

    async def slow_body() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    response = await http.post(
        "/auth/login", content=slow_body(), headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json()["error"]["code"]) == (408, "REQUEST_TIMEOUT")


async def test_stop_waits_for_the_retention_task(app: FastAPI) -> None:
    """No task of the application is left behind."""
    before = asyncio.all_tasks()
    async with running(app.state.container):
        assert "RetentionTask.run_forever" in str(asyncio.all_tasks() - before)

    assert asyncio.all_tasks() == before


async def test_failed_start_closes_connections(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose start failed stops with the error."""
    container: Container = app.state.container

    async def fail() -> None:
        raise ValueError("no schema")

    monkeypatch.setattr(container.database, "upgrade_schema", fail)

    with pytest.raises(ValueError, match="no schema"):
        async with running(container):
            pytest.fail("it should not start")

    assert all(pool.is_closed for pool in container.http_pools.values())
