"""The operations of Vault that the orchestrator uses: AppRole login, tokens, and the KV secrets engine, version 2."""

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
"""The statuses of /sys/health: each describes a state of Vault and is not an error."""
T = TypeVar("T")


def parse_error(response: VendorResponse) -> ErrorDetails:
    """Return the messages; Vault has no error codes. The messages name paths and rules, never a secret."""
    try:
        return ErrorDetails(None, tuple(ErrorResponse.model_validate_json(response.body).errors))
    except ValidationError:
        return ErrorDetails()


class VaultClient:
    """A client of Vault.

    Args:
        base_url: the address of the server.
        http: the shared connection pool.
        policy: timeouts, retries and guard.
    """

    def __init__(self, *, base_url: str, http: httpx.AsyncClient, policy: CallPolicy) -> None:
        self._client = VendorHttpClient(
            vendor="vault", base_url=base_url, http=http, policy=policy, parse_error=parse_error
        )

    async def login(self, role_id: str, secret_id: str) -> TokenAuth:
        """Log in with AppRole and return a token.

        Raises:
            RequestRejected: 400, the role id or secret id is wrong (Vault does not respond with 401 here).
            AccessDenied: 403, the role is locked after too many failed logins.
        """
        body = {"role_id": role_id, "secret_id": secret_id}
        response = await self._send("login", "POST", "/v1/auth/approle/login", json=body)
        return self._client.parse_json(LoginResponse, response).auth

    async def renew_self(self, token: str) -> TokenAuth:
        """Renew the token.

        Raises:
            RequestRejected: the token is not renewable.
            AccessDenied: the token is no longer valid.
        """
        response = await self._send("renew", "POST", "/v1/auth/token/renew-self", token=token, json={})
        return self._client.parse_json(LoginResponse, response).auth

    async def lookup_self(self, token: str) -> TokenData:
        """Return the properties of the token.

        Raises:
            AccessDenied: the token is no longer valid.
        """
        return (await self._read(LookupSelfResponse, "look up", "/v1/auth/token/lookup-self", token)).data

    async def revoke_self(self, token: str) -> None:
        """Revoke the token.

        Raises:
            AccessDenied: the token is no longer valid.
        """
        await self._send("revoke", "POST", "/v1/auth/token/revoke-self", token=token, success=204)

    async def read_secret(self, token: str, path: str, *, version: int | None = None) -> SecretData:
        """Return a secret, by default its newest version.

        Raises:
            NotFound: the secret was never written, or this version is deleted.
            AccessDenied: the token is not valid, or has no read permission.
        """
        response = await self._send(
            "read", "GET", _kv_path("data", path), token=token, query={"version": version}
        )
        return self._client.parse_json(ReadSecretResponse, response).data

    async def write_secret(
        self, token: str, path: str, data: Mapping[str, Any], *, cas: int | None = None
    ) -> VersionMetadata:
        """Write a new version of a secret.

        Args:
            token: the access token.
            path: relative to the mount.
            data: the values. Vault stores numbers as 64-bit floats, so long ones must be strings.
            cas: check-and-set: the current version; 0 only creates, None overwrites any version.

        Raises:
            RequestRejected: 400, `cas` is not the current version.
            AccessDenied: the token is not valid, or has no write permission.
        """
        body: dict[str, Any] = {"data": dict(data)}
        if cas is not None:
            body["options"] = {"cas": cas}
        response = await self._send("write", "POST", _kv_path("data", path), token=token, json=body)
        return self._client.parse_json(WriteSecretResponse, response).data

    async def delete_secret(self, token: str, path: str) -> None:
        """Delete the newest version; an unknown secret is not an error."""
        await self._send("delete", "DELETE", _kv_path("data", path), token=token, success=204)

    async def read_metadata(self, token: str, path: str) -> SecretMetadata:
        """Return the versions of a secret.

        Raises:
            NotFound: the secret was never written.
        """
        return (await self._read(SecretMetadataResponse, "versions", _kv_path("metadata", path), token)).data

    async def list_secrets(self, token: str, folder: str) -> KeyList:
        """Return the names of the secrets and folders in a folder.

        Raises:
            NotFound: the folder is empty.
        """
        # an HTTP verb of Vault's own
        response = await self._send("keys", "LIST", _kv_path("metadata", folder), token=token)
        return self._client.parse_json(ListSecretsResponse, response).data

    async def health(self) -> Health:
        """Return the health of Vault."""
        request = VendorRequest(
            operation="health",
            method="GET",
            path="/v1/sys/health",
            success_statuses=HEALTH_STATUSES,
            idempotent=True,
        )
        return self._client.parse_json(Health, await self._client.send(request))

    async def _read(self, model: type[T], operation: str, path: str, token: str) -> T:
        return self._client.parse_json(model, await self._send(operation, "GET", path, token=token))

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
        return await self._client.send(
            VendorRequest(
                operation=operation,
                method=method,
                path=path,
                success_statuses=(success,),
                query=dict(query or {}),
                headers={"X-Vault-Token": token} if token is not None else {},
                json=json,
                # a repeated POST could write a second version, or fail its own check-and-set
                idempotent=method in {"GET", "LIST", "DELETE"},
            )
        )


def _kv_path(kind: str, path: str) -> str:
    # slashes stay, because the path consists of folders
    return f"/v1/{KV_MOUNT}/{kind}/{quote(path)}"
