"""Vault's operations that the orchestrator uses: AppRole logins, tokens, and the KV engine, version 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.vault.models import (
    ErrorResponse,
    Health,
    KeyList,
    ListSecretsResponse,
    LoginResponse,
    LookupSelfResponse,
    ReadSecretResponse,
    SecretData,
    SecretMetadata,
    SecretMetadataResponse,
    TokenAuth,
    TokenData,
    VersionMetadata,
    WriteSecretResponse,
)

KV_MOUNT = "secret"
HEALTH_STATUSES = (200, 429, 472, 473, 501, 503)
T = TypeVar("T")


def read_refusal(answer: VendorResponse) -> ErrorDetails:
    """Read the messages; Vault has no codes. They name paths and rules, never a secret."""
    try:
        return ErrorDetails(None, tuple(ErrorResponse.model_validate_json(answer.body).errors))
    except ValidationError:
        return ErrorDetails()


class VaultClient:
    """Speaks to Vault.

    Args:
        base_url: the server.
        http: the shared connection pool.
        policy: deadline and retries.
    """

    def __init__(self, *, base_url: str, http: httpx.AsyncClient, policy: CallPolicy) -> None:
        self._transport = VendorHttpClient(
            vendor="vault", base_url=base_url, http=http, policy=policy, parse_error=read_refusal
        )

    async def login(self, role_id: str, secret_id: str) -> TokenAuth:
        """A token for a role.

        Raises:
            RequestRejected: 400, the role or its secret id is wrong (Vault says no 401 here).
            AccessDenied: 403, the role is locked after too many wrong logins.
        """
        body = {"role_id": role_id, "secret_id": secret_id}
        answer = await self._send("login", "POST", "/v1/auth/approle/login", json=body)
        return self._transport.parse_json(LoginResponse, answer).auth

    async def renew_self(self, token: str) -> TokenAuth:
        """Let our token live on.

        Raises:
            RequestRejected: it may not be renewed.
            AccessDenied: it is not valid any more.
        """
        answer = await self._send("renew", "POST", "/v1/auth/token/renew-self", token=token, json={})
        return self._transport.parse_json(LoginResponse, answer).auth

    async def lookup_self(self, token: str) -> TokenData:
        """What our token is.

        Raises:
            AccessDenied: it is not valid any more.
        """
        return (await self._read(LookupSelfResponse, "look up", "/v1/auth/token/lookup-self", token)).data

    async def revoke_self(self, token: str) -> None:
        """Make our token invalid.

        Raises:
            AccessDenied: it is already.
        """
        await self._send("revoke", "POST", "/v1/auth/token/revoke-self", token=token, success=204)

    async def read_secret(self, token: str, path: str, *, version: int | None = None) -> SecretData:
        """A secret, the newest version by default.

        Raises:
            NotFound: it was never written, or this version was deleted.
            AccessDenied: the token is not valid, or may not read there.
        """
        answer = await self._send("read", "GET", _path("data", path), token=token, query={"version": version})
        return self._transport.parse_json(ReadSecretResponse, answer).data

    async def write_secret(
        self, token: str, path: str, data: Mapping[str, Any], *, cas: int | None = None
    ) -> VersionMetadata:
        """Write a new version.

        Args:
            token: ours.
            path: below the mount.
            data: the values. Numbers go through 64-bit floats in Vault: send long ones as texts.
            cas: the version we know; 0 only creates, None overwrites whatever is there.

        Raises:
            RequestRejected: 400, somebody else wrote meanwhile.
            AccessDenied: the token is not valid, or may not write there.
        """
        body: dict[str, Any] = {"data": dict(data)}
        if cas is not None:
            body["options"] = {"cas": cas}
        answer = await self._send("write", "POST", _path("data", path), token=token, json=body)
        return self._transport.parse_json(WriteSecretResponse, answer).data

    async def delete_secret(self, token: str, path: str) -> None:
        """Delete the newest version; what does not exist is no error."""
        await self._send("delete", "DELETE", _path("data", path), token=token, success=204)

    async def read_metadata(self, token: str, path: str) -> SecretMetadata:
        """A secret's versions.

        Raises:
            NotFound: it was never written.
        """
        return (await self._read(SecretMetadataResponse, "versions", _path("metadata", path), token)).data

    async def list_secrets(self, token: str, folder: str) -> KeyList:
        """What is in a folder.

        Raises:
            NotFound: nothing.
        """
        answer = await self._send("keys", "LIST", _path("metadata", folder), token=token)
        return self._transport.parse_json(ListSecretsResponse, answer).data

    async def health(self) -> Health:
        """Whether Vault can be used; every status that Vault has for it is an answer, no error."""
        call = VendorRequest(
            operation="health",
            method="GET",
            path="/v1/sys/health",
            success_statuses=HEALTH_STATUSES,
            idempotent=True,
        )
        return self._transport.parse_json(Health, await self._transport.send(call))

    async def _read(self, shape: type[T], operation: str, path: str, token: str) -> T:
        return self._transport.parse_json(shape, await self._send(operation, "GET", path, token=token))

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
    ) -> VendorResponse:
        return await self._transport.send(
            VendorRequest(
                operation=operation,
                method=method,
                path=path,
                success_statuses=(success,),
                query=dict(query or {}),
                headers={"X-Vault-Token": token} if token is not None else {},
                json=json,
                idempotent=method in {"GET", "LIST", "DELETE"},
            )
        )


def _path(kind: str, path: str) -> str:
    return f"/v1/{KV_MOUNT}/{kind}/{quote(path)}"
