"""What the orchestrator reads of Vault's answers, and nothing else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Auth(_Read):
    """A token; `lease_duration` in seconds, 0 for ever."""

    client_token: SecretStr
    lease_duration: int
    renewable: bool


class LoginAnswer(_Read):
    """What a login or renewal gives."""

    auth: Auth


class TokenData(_Read):
    """What a token is; `ttl` in seconds, 0 for ever."""

    ttl: int
    renewable: bool
    policies: list[str]


class TokenAnswer(_Read):
    """What is known of our own token."""

    data: TokenData


class VersionData(_Read):
    """A version of a secret; its deletion time is empty while it can be read."""

    version: int
    deletion_time: str
    destroyed: bool


class SecretData(_Read):
    """A secret's values, with its version."""

    data: dict[str, Any]
    metadata: VersionData


class SecretAnswer(_Read):
    """A secret that was read."""

    data: SecretData


class WriteAnswer(_Read):
    """The version that was written."""

    data: VersionData


class VersionState(_Read):
    """Whether a version can still be read."""

    deletion_time: str
    destroyed: bool


class Versions(_Read):
    """A secret's versions by number."""

    current_version: int
    versions: dict[str, VersionState]


class VersionsAnswer(_Read):
    """The metadata of a secret."""

    data: Versions


class KeyList(_Read):
    """Names in a folder; a folder's ends with a slash."""

    keys: list[str]


class KeysAnswer(_Read):
    """What is in a folder."""

    data: KeyList


class Health(_Read):
    """Whether Vault can be used: not sealed, and either active or a standby that forwards."""

    initialized: bool
    sealed: bool
    standby: bool


class Errors(_Read):
    """Vault's error body; the list may be empty."""

    errors: list[str]
