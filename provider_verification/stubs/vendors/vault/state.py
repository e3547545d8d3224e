"""State of the Vault stub: secrets with their versions, tokens, roles, policies and the seal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ROLE_ID, SECRET_ID = "stub-role", "stub-secret-id"
ROOT_TOKEN = "hvs.stub-root"  # noqa: S105 - of a stub
FIXED_TIME = "2026-11-23T15:00:00.123456789Z"
"""The stub's constant time, with nanoseconds as Vault sends it."""

FIXED_TIME_SECONDS = 1_795_447_149
"""The constant of the fields that Vault sends in seconds since 1970."""

TOKEN_TTL_SECONDS = 3600
MAX_VERSIONS = 10
"""Versions that a secret keeps, Vault's default."""


@dataclass(slots=True)
class Version:
    """One version of a secret."""

    number: int
    data: dict[str, Any] | None
    deletion_time: str = ""
    destroyed: bool = False

    @property
    def is_unreadable(self) -> bool:
        """Whether it was deleted or destroyed."""
        return bool(self.deletion_time) or self.destroyed

    def metadata(self) -> dict[str, Any]:
        """The `metadata` object of a response."""
        return {
            "created_time": FIXED_TIME,
            "custom_metadata": None,
            "deletion_time": self.deletion_time,
            "destroyed": self.destroyed,
            "version": self.number,
        }


@dataclass(slots=True)
class Secret:
    """A secret: its newest versions by number; `current` is the highest number, 0 before the first write."""

    versions: dict[int, Version] = field(default_factory=dict)
    current: int = 0

    def write(self, data: dict[str, Any] | None) -> Version:
        """Add a version and drop the oldest if there are more than `MAX_VERSIONS`."""
        self.current += 1
        self.versions[self.current] = Version(self.current, data)
        self.versions.pop(self.current - MAX_VERSIONS, None)
        return self.versions[self.current]


@dataclass(slots=True)
class Token:
    """A token; a `ttl` of 0 seconds means that it never expires, as for a root token.

    Its max TTL caps the lease of a renewal at `renewed_ttl` seconds. The stub has no clock, so no lease ends.
    """

    ttl: int = TOKEN_TTL_SECONDS
    renewable: bool = True
    policies: tuple[str, ...] = ("app", "default")
    renewed_ttl: int = TOKEN_TTL_SECONDS


@dataclass(slots=True)
class Role:
    """An AppRole role, with the lease of its tokens and of their renewals in seconds."""

    secret_id: str
    token_ttl: int = TOKEN_TTL_SECONDS
    renewed_ttl: int = TOKEN_TTL_SECONDS


@dataclass
class VaultState:
    """Everything the stub remembers; secrets are keyed by path, roles by role id."""

    initialized: bool = True
    sealed: bool = False
    standby: bool = False
    rate_limited: bool = False
    secrets: dict[str, Secret] = field(default_factory=dict)
    tokens: dict[str, Token] = field(
        default_factory=lambda: {ROOT_TOKEN: Token(ttl=0, renewable=False, policies=("root",))}
    )
    roles: dict[str, Role] = field(default_factory=lambda: {ROLE_ID: Role(SECRET_ID)})
    deny_all: bool = False
    denied_paths: set[str] = field(default_factory=set)
    token_count: int = 0

    def issue(self, issued: Token) -> str:
        """Remember a token and return its id, which is in Vault's form."""
        self.token_count += 1
        token = f"hvs.stub{self.token_count:087}"
        self.tokens[token] = issued
        return token
