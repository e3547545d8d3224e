"""Vault's operations that the orchestrator uses: AppRole logins, tokens, and the KV engine, version 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from orchestrator.resilience.policy import Policy
from orchestrator.vendors.errors import Refusal
from orchestrator.vendors.transport import Transport, VendorAnswer, VendorCall
from orchestrator.vendors.vault.models import (
    Auth,
    Errors,
    Health,
    KeyList,
    KeysAnswer,
    LoginAnswer,
    SecretAnswer,
    SecretData,
    TokenAnswer,
    TokenData,
    VersionData,
    Versions,
    VersionsAnswer,
    WriteAnswer,
)

MOUNT = "secret"
HEALTH_STATUSES = (200, 429, 472, 473, 501, 503)
T = TypeVar("T")


def read_refusal(answer: VendorAnswer) -> Refusal:
    """Read the messages; Vault has no codes. They name paths and rules, never a secret."""
    try:
        return Refusal(None, tuple(Errors.model_validate_json(answer.body).errors))
    except ValidationError:
        return Refusal()


class VaultClient:
    """Speaks to Vault.

    Args:
        base_url: the server.
        http: the shared connection pool.
        policy: deadline and retries.
    """

    def __init__(self, *, base_url: str, http: httpx.AsyncClient, policy: Policy) -> None:
        self._transport = Transport(
            vendor="vault", base_url=base_url, http=http, policy=policy, read_refusal=read_refusal
        )

    async def login(self, role_id: str, secret_id: str) -> Auth:
        """A token for a role.

        Raises:
            Rejected: 400, the role or its secret id is wrong (Vault says no 401 here).
            Unauthorised: 403, the role is locked after too many wrong logins.
        """
        body = {"role_id": role_id, "secret_id": secret_id}
        answer = await self._send("login", "POST", "/v1/auth/approle/login", json=body)
        return self._transport.parse(LoginAnswer, answer).auth

    async def renew(self, token: str) -> Auth:
        """Let our token live on.

        Raises:
            Rejected: it may not be renewed.
            Unauthorised: it is not valid any more.
        """
        answer = await self._send("renew", "POST", "/v1/auth/token/renew-self", token=token, json={})
        return self._transport.parse(LoginAnswer, answer).auth

    async def look_up(self, token: str) -> TokenData:
        """What our token is.

        Raises:
            Unauthorised: it is not valid any more.
        """
        return (await self._read(TokenAnswer, "look up", "/v1/auth/token/lookup-self", token)).data

    async def revoke(self, token: str) -> None:
        """Make our token invalid.

        Raises:
            Unauthorised: it is already.
        """
        await self._send("revoke", "POST", "/v1/auth/token/revoke-self", token=token, success=204)

    async def read(self, token: str, path: str, *, version: int | None = None) -> SecretData:
        """A secret, the newest version by default.

        Raises:
            NotFound: it was never written, or this version was deleted.
            Unauthorised: the token is not valid, or may not read there.
        """
        answer = await self._send("read", "GET", _path("data", path), token=token, query={"version": version})
        return self._transport.parse(SecretAnswer, answer).data

    async def write(
        self, token: str, path: str, data: Mapping[str, Any], *, over: int | None = None
    ) -> VersionData:
        """Write a new version.

        Args:
            token: ours.
            path: below the mount.
            data: the values. Numbers go through 64-bit floats in Vault: send long ones as texts.
            over: the version we know; 0 only creates, None overwrites whatever is there.

        Raises:
            Rejected: 400, somebody else wrote meanwhile.
            Unauthorised: the token is not valid, or may not write there.
        """
        body: dict[str, Any] = {"data": dict(data)}
        if over is not None:
            body["options"] = {"cas": over}
        answer = await self._send("write", "POST", _path("data", path), token=token, json=body)
        return self._transport.parse(WriteAnswer, answer).data

    async def delete(self, token: str, path: str) -> None:
        """Delete the newest version; what does not exist is no error."""
        await self._send("delete", "DELETE", _path("data", path), token=token, success=204)

    async def versions(self, token: str, path: str) -> Versions:
        """A secret's versions.

        Raises:
            NotFound: it was never written.
        """
        return (await self._read(VersionsAnswer, "versions", _path("metadata", path), token)).data

    async def keys(self, token: str, folder: str) -> KeyList:
        """What is in a folder.

        Raises:
            NotFound: nothing.
        """
        answer = await self._send("keys", "LIST", _path("metadata", folder), token=token)
        return self._transport.parse(KeysAnswer, answer).data

    async def health(self) -> Health:
        """Whether Vault can be used; every status that Vault has for it is an answer, no error."""
        call = VendorCall(
            operation="health", method="GET", path="/v1/sys/health", success=HEALTH_STATUSES, idempotent=True
        )
        return self._transport.parse(Health, await self._transport.send(call))

    async def _read(self, shape: type[T], operation: str, path: str, token: str) -> T:
        return self._transport.parse(shape, await self._send(operation, "GET", path, token=token))

    async def _send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        success: int = 200,
        query: Mapping[str, int | None] | None = None,
        json: Any = None,
    ) -> VendorAnswer:
        return await self._transport.send(
            VendorCall(
                operation=operation,
                method=method,
                path=path,
                success=(success,),
                query=dict(query or {}),
                headers={"X-Vault-Token": token} if token is not None else {},
                json=json,
                idempotent=method in {"GET", "LIST", "DELETE"},
            )
        )


def _path(kind: str, path: str) -> str:
    return f"/v1/{MOUNT}/{kind}/{quote(path)}"
