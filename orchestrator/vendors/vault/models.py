"""What the orchestrator reads of Vault's answers, and nothing else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr


class _ResponseModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class TokenAuth(_ResponseModel):
    """A token; `lease_duration` in seconds, 0 for ever."""

    client_token: SecretStr
    lease_duration: int
    renewable: bool


class LoginResponse(_ResponseModel):
    """What a login or renewal gives."""

    auth: TokenAuth


class TokenData(_ResponseModel):
    """What a token is; `ttl` in seconds, 0 for ever."""

    ttl: int
    renewable: bool
    policies: list[str]


class LookupSelfResponse(_ResponseModel):
    """What is known of our own token."""

    data: TokenData


class VersionMetadata(_ResponseModel):
    """A version of a secret; its deletion time is empty while it can be read."""

    version: int
    deletion_time: str
    destroyed: bool


class SecretData(_ResponseModel):
    """A secret's values, with its version."""

    data: dict[str, Any]
    metadata: VersionMetadata


class ReadSecretResponse(_ResponseModel):
    """A secret that was read."""

    data: SecretData


class WriteSecretResponse(_ResponseModel):
    """The version that was written."""

    data: VersionMetadata


class VersionState(_ResponseModel):
    """Whether a version can still be read."""

    deletion_time: str
    destroyed: bool


class SecretMetadata(_ResponseModel):
    """A secret's versions by number."""

    current_version: int
    versions: dict[str, VersionState]


class SecretMetadataResponse(_ResponseModel):
    """The metadata of a secret."""

    data: SecretMetadata


class KeyList(_ResponseModel):
    """Names in a folder; a folder's ends with a slash."""

    keys: list[str]


class ListSecretsResponse(_ResponseModel):
    """What is in a folder."""

    data: KeyList


class Health(_ResponseModel):
    """Whether Vault can be used: not sealed, and either active or a standby that forwards."""

    initialized: bool
    sealed: bool
    standby: bool


class ErrorResponse(_ResponseModel):
    """Vault's error body; the list may be empty."""

    errors: list[str]
