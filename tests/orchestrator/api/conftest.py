"""The application in the test's process, with a PMS in memory and SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.app import create_app, running
from orchestrator.container import Container
from orchestrator.settings import load_settings
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

ADMIN = ("admin@hotel.example", "a-long-password")
Login = Callable[..., Awaitable[dict[str, str]]]


def create_app_with_database(folder: Path) -> FastAPI:
    """Return the application with a database in a folder, not started."""
    variables = {
        **DUMMY_VENDOR_SETTINGS,
        "LIVEKIT_API_SECRET": "a-secret-of-at-least-32-characters",
        "ENVIRONMENT": "test",
        "PMS_KIND": "memory",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/x.sqlite",
        "ADMIN_EMAIL": ADMIN[0],
        "ADMIN_PASSWORD": ADMIN[1],
        "PASSWORD_COST": "least",
        "RATE_LIMIT": "100000",
    }
    return create_app(load_settings(variables))


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The application, not started."""
    return create_app_with_database(tmp_path)


@pytest.fixture
async def container(app: FastAPI) -> AsyncIterator[Container]:
    """The application's components, started."""
    container: Container = app.state.container
    async with running(container):
        yield container


@pytest.fixture
async def http(app: FastAPI, container: Container) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 - started
    """A client of the started application, without credentials."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://orchestrator") as client:
        yield client


@pytest.fixture
async def admin(http: httpx.AsyncClient) -> dict[str, str]:
    """The headers of an administrator of all hotels."""
    return await login(http, *ADMIN)


@pytest.fixture
def user_of(http: httpx.AsyncClient, admin: dict[str, str]) -> Login:
    """Creates a user of a role and hotels. Returns the user's headers."""

    async def create(role: str, hotel_ids: list[str] | None) -> dict[str, str]:
        email = f"{role}-{'-'.join(hotel_ids or ['all']).lower()}@hotel.example"
        body: dict[str, Any] = {"email": email, "password": ADMIN[1], "roles": [role], "hotel_ids": hotel_ids}
        response = await http.post("/auth/admin/users", json=body, headers=admin)
        assert response.status_code == 201, response.text
        return await login(http, email, ADMIN[1])

    return create


async def login(http: httpx.AsyncClient, email: str, password: str) -> dict[str, str]:
    """Log in. Return the headers of the user."""
    response = await http.post("/auth/login", json={"email": email, "password": password})
    assert response.status_code == 200, response.text
    return {"Authorization": f"Bearer {response.json()['access_token']}"}
