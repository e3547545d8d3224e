"""The token that a request to Vault has."""

from __future__ import annotations

from collections.abc import Mapping


def sent_token(headers: Mapping[str, str]) -> str:
    """Return the token of `X-Vault-Token`, or else of `Authorization`; empty without one."""
    bearer = headers.get("authorization", "")
    return headers.get("x-vault-token") or (bearer[7:] if bearer.startswith("Bearer ") else "")
