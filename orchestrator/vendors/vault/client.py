"""The operations of Vault that the orchestrator uses: AppRole login, tokens, and the KV secrets engine, version 2."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.vault.models import (
    ErrorResponse,
    Health,
    LoginResponse,
    ReadSecretResponse,
    SecretData,
    TokenAuth,
)

KV_MOUNT = "secret"
HEALTH_STATUSES = (200, 429, 472, 473, 501, 503)
"""The statuses of /sys/health: each describes a state of Vault and is not an error."""


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
        request = _request("login", "POST", "/v1/auth/approle/login", json=body)
        return (await self._client.send_and_parse(LoginResponse, request)).auth

    async def renew_self(self, token: str) -> TokenAuth:
        """Renew the token; its max TTL may cap the new lease.

        Raises:
            RequestRejected: the token is not renewable.
            AccessDenied: the token is no longer valid.
            VendorUnavailable: also if less than a second is left until the max TTL: Vault responds with 500 then.
        """
        request = _request("renew", "POST", "/v1/auth/token/renew-self", token=token, json={})
        return (await self._client.send_and_parse(LoginResponse, request)).auth

    async def revoke_self(self, token: str) -> None:
        """Revoke the token.

        Raises:
            AccessDenied: the token is no longer valid.
        """
        request = _request("revoke", "POST", "/v1/auth/token/revoke-self", token=token, success=204)
        await self._client.send(request)

    async def read_secret(self, token: str, path: str) -> SecretData:
        """Return the newest version of a secret.

        Raises:
            NotFound: the secret was never written, or its newest version is deleted.
            AccessDenied: the token is not valid, or has no read permission.
        """
        # slashes stay, because the path consists of folders
        request = _request("read", "GET", f"/v1/{KV_MOUNT}/data/{quote(path)}", token=token)
        return (await self._client.send_and_parse(ReadSecretResponse, request)).data

    async def health(self) -> Health:
        """Return the health of Vault."""
        request = VendorRequest(
            operation="health",
            method="GET",
            path="/v1/sys/health",
            success_statuses=HEALTH_STATUSES,
            idempotent=True,
        )
        return await self._client.send_and_parse(Health, request)


def _request(
    operation: str,
    method: str,
    path: str,
    *,
    token: str | None = None,
    success: int = 200,
    json: Any = None,
) -> VendorRequest:
    return VendorRequest(
        operation=operation,
        method=method,
        path=path,
        success_statuses=(success,),
        headers={"X-Vault-Token": token} if token is not None else {},
        json=json,
        # a repeated login would leave a second token behind
        idempotent=method == "GET",
    )
