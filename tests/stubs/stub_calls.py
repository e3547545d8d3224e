"""The control API of a stub, as tests use it."""

from __future__ import annotations

from typing import Any

import httpx


def set_state(stub: httpx.Client, name: str, **params: Any) -> dict[str, str]:
    """Set up a provider state and return its values."""
    response = stub.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
    values: dict[str, str] = response.json()
    return values


def violations(stub: httpx.Client, kind: str) -> list[str]:
    """Return where the violations of a kind are."""
    return [item["where"] for item in stub.get("/_stub/violations").json() if item["kind"] == kind]
