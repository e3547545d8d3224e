"""The parts of Vault's responses that the orchestrator reads."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from orchestrator.vendors.models import ResponseModel


class TokenAuth(ResponseModel):
    """A token; `lease_duration` is in seconds, 0 means unlimited."""

    client_token: SecretStr
    lease_duration: int
    renewable: bool


class LoginResponse(ResponseModel):
    """The response to a login or renewal."""

    auth: TokenAuth


class VersionMetadata(ResponseModel):
    """The metadata of a version of a secret; the first version is 1."""

    version: int


class SecretData(ResponseModel):
    """The values of a secret, with the metadata of their version."""

    data: dict[str, Any]
    metadata: VersionMetadata


class ReadSecretResponse(ResponseModel):
    """The response to a read."""

    data: SecretData


class Health(ResponseModel):
    """The health of Vault, which can be used unless it is sealed; a standby forwards requests to the active node."""

    initialized: bool
    sealed: bool
    standby: bool


class ErrorResponse(ResponseModel):
    """The error body; the list may be empty."""

    errors: list[str]
