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


class TokenData(ResponseModel):
    """The properties of a token; `ttl` is in seconds, 0 means unlimited."""

    ttl: int
    renewable: bool
    policies: list[str]


class LookupSelfResponse(ResponseModel):
    """The response to a look-up of the own token."""

    data: TokenData


class VersionMetadata(ResponseModel):
    """The metadata of a version; `deletion_time` is empty unless the version is deleted."""

    version: int
    deletion_time: str
    destroyed: bool


class SecretData(ResponseModel):
    """The values of a secret, with the metadata of their version."""

    data: dict[str, Any]
    metadata: VersionMetadata


class ReadSecretResponse(ResponseModel):
    """The response to a read."""

    data: SecretData


class WriteSecretResponse(ResponseModel):
    """The response to a write: the metadata of the new version."""

    data: VersionMetadata


class VersionState(ResponseModel):
    """Whether a version is deleted (`deletion_time` is not empty) or destroyed."""

    deletion_time: str
    destroyed: bool


class SecretMetadata(ResponseModel):
    """The versions of a secret, by number."""

    current_version: int
    versions: dict[str, VersionState]


class SecretMetadataResponse(ResponseModel):
    """The response to a read of the metadata."""

    data: SecretMetadata


class KeyList(ResponseModel):
    """The names in a folder; the name of a subfolder ends with a slash."""

    keys: list[str]


class ListSecretsResponse(ResponseModel):
    """The response to a list request."""

    data: KeyList


class Health(ResponseModel):
    """The health of Vault, which can be used unless it is sealed; a standby forwards requests to the active node."""

    initialized: bool
    sealed: bool
    standby: bool


class ErrorResponse(ResponseModel):
    """The error body; the list may be empty."""

    errors: list[str]
