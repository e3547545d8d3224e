"""Requests to Vault's stub that several tests send."""

from __future__ import annotations

from typing import Any

import httpx

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


def write(vault: httpx.Client, path: str, data: Any, **options: Any) -> httpx.Response:
    """Write a secret."""
    return vault.post(f"/v1/secret/data/{path}", json={"data": data, "options": options})


def read(vault: httpx.Client, path: str) -> Any:
    """Return the data of a secret."""
    return vault.get(f"/v1/secret/data/{path}").json()["data"]["data"]


def create_token(vault: httpx.Client, **body: Any) -> Any:
    """Create a token and return the `auth` object of the response."""
    return vault.post("/v1/auth/token/create", json=body).raise_for_status().json()["auth"]


def status_with(vault: httpx.Client, token: str) -> int:
    """Return the status of a lookup of a token on itself."""
    return vault.get("/v1/auth/token/lookup-self", headers={"X-Vault-Token": token}).status_code
