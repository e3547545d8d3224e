"""Users, logins and API keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.integration.api import TIMEOUT_SECONDS, ApiClient, bearer

Account = tuple[str, str]
"""E-mail address and password."""
MakeUser = Callable[..., ApiClient]
Login = Callable[..., dict[str, Any]]


def login_client(url: str, email: str, password: str) -> ApiClient:
    """Log in; return a client that sends the access token."""
    response = httpx.post(
        f"{url}/auth/login", json={"email": email, "password": password}, timeout=TIMEOUT_SECONDS
    )
    assert response.status_code == 200, response.text
    return ApiClient(url, bearer(response.json()["access_token"]))


def create_user(admin: ApiClient, email: str, password: str, *roles: str, **fields: Any) -> None:
    """Create a user with roles."""
    body = {"email": email, "password": password, "roles": list(roles), **fields}
    response = admin.post("/auth/admin/users", body)
    assert response.status_code == 201, response.text


def create_api_key(admin: ApiClient, *permissions: str, **fields: Any) -> dict[str, Any]:
    """Create an API key; return the response body, which holds the key."""
    body = {"name": "suite", "service_name": "suite", "permissions": list(permissions), **fields}
    response = admin.post("/auth/api-keys", body)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def profile_status(api: ApiClient, token: str) -> int:
    """Return the status of the profile route for an access token."""
    return api.get("/auth/profile", headers=bearer(token)).status_code


def synthesize_status(api: ApiClient, api_key: str) -> int:
    """Return the status of a speech request with an API key."""
    headers = {"X-API-Key": api_key}
    return api.post("/tts/synthesize", {"text": "Good day."}, headers=headers).status_code


def assert_unauthenticated(response: httpx.Response) -> None:
    """Check that the response reveals no more than that of a request without credentials."""
    without_credentials = httpx.get(response.request.url.join("/auth/profile"), timeout=TIMEOUT_SECONDS)
    error, reference = response.json()["error"], without_credentials.json()["error"]
    assert (response.status_code, error["code"]) == (401, "AUTHENTICATION_ERROR")
    assert error.keys() == reference.keys()
    assert (error["message"], error["details"]) == (reference["message"], reference["details"])
