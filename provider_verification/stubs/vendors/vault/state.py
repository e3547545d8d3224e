"""State of the Vault stub: secrets with their versions, tokens, roles, policies and the seal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

ROLE_ID, SECRET_ID = "stub-role", "stub-secret-id"
ROOT_TOKEN = "hvs.stub-root"  # noqa: S105 - of a stub
UNSEAL_KEY = "5eed" * 16
"""The one unseal key of a new stub; `sys/init` replaces it."""

FIXED_TIME = "2026-11-23T15:00:00.123456789Z"
"""The stub's constant time, with nanoseconds as Vault sends it."""

FIXED_TIME_SECONDS = 1_795_447_149
"""The constant of the fields that Vault sends in seconds since 1970."""

ENTITY_ID = "00000000-0000-4000-8000-000000000002"
WRAPPING_POLICY = "response-wrapping"
TOKEN_TTL_SECONDS = 3600
MAX_TOKEN_TTL_SECONDS = 768 * 3600
"""The longest lease of a token, Vault's default of 32 days."""

MAX_VERSIONS = 10
"""Versions that a secret keeps, Vault's default."""


@dataclass(slots=True)
class Version:
    """One version of a secret; `expires` is the time at which Vault deletes it by itself, empty if never."""

    number: int
    data: dict[str, Any] | None
    deletion_time: str = ""
    destroyed: bool = False
    expires: str = ""

    @property
    def is_unreadable(self) -> bool:
        """Whether it was deleted or destroyed."""
        return bool(self.deletion_time) or self.destroyed

    def metadata(self, custom_metadata: dict[str, str] | None) -> dict[str, Any]:
        """The `metadata` object of a response; the custom metadata belongs to the whole secret."""
        return {
            "created_time": FIXED_TIME,
            "custom_metadata": custom_metadata,
            "deletion_time": self.deletion_time or self.expires,
            "destroyed": self.destroyed,
            "version": self.number,
        }


@dataclass(slots=True)
class KvSettings:
    """What a write of a secret obeys, for one secret or for the whole engine.

    Attributes:
        max_versions: how many versions are kept; 0 stands for the default.
        cas_required: whether a write without a check-and-set parameter is rejected.
        delete_version_after: seconds after which a version is deleted; 0 means never.
    """

    max_versions: int = 0
    cas_required: bool = False
    delete_version_after: int = 0


@dataclass(slots=True)
class Secret:
    """A secret: its newest versions by number; `current` is the highest number, 0 before the first write."""

    versions: dict[int, Version] = field(default_factory=dict)
    current: int = 0
    settings: KvSettings = field(default_factory=KvSettings)
    custom_metadata: dict[str, str] | None = None

    def write(self, data: dict[str, Any] | None, *, keep: int = MAX_VERSIONS, expires: str = "") -> Version:
        """Add a version and drop the oldest ones, so that `keep` are left."""
        self.current += 1
        self.versions[self.current] = Version(self.current, data, expires=expires)
        for number in [number for number in self.versions if number <= self.current - keep]:
            del self.versions[number]
        return self.versions[self.current]

    def metadata_of(self, version: Version) -> dict[str, Any]:
        """The `metadata` object of one version."""
        return version.metadata(self.custom_metadata)


@dataclass(slots=True)
class Token:
    """A token, by default one of an AppRole login; a `ttl` of 0 seconds means that it never expires, as for a root token.

    Its max TTL caps the lease of a renewal at `renewed_ttl` seconds. The stub has no clock, so no lease ends.

    Attributes:
        uses_left: the requests it can still make; None means any number.
        parent: the token that created it and whose revocation revokes it, empty for an orphan.
    """

    ttl: int = TOKEN_TTL_SECONDS
    renewable: bool = True
    policies: tuple[str, ...] = ("app", "default")
    renewed_ttl: int = TOKEN_TTL_SECONDS
    path: str = "auth/approle/login"
    display_name: str = "approle"
    entity_id: str = ENTITY_ID
    meta: dict[str, str] | None = field(default_factory=lambda: {"role_name": "app"})
    type: str = "service"
    explicit_max_ttl: int = 0
    period: int = 0
    uses_left: int | None = None
    parent: str = ""
    accessor: str = ""
    is_renewed: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether it has a use left."""
        return self.uses_left != 0

    @property
    def is_wrapping(self) -> bool:
        """Whether it may only unwrap a response."""
        return WRAPPING_POLICY in self.policies

    @property
    def is_root(self) -> bool:
        """Whether the policy `root` allows it everything."""
        return "root" in self.policies


@dataclass(frozen=True, slots=True)
class WrappedResponse:
    """A response that is kept until its wrapping token is used.

    Attributes:
        body: the response.
        ttl: how long it is kept, in seconds.
        path: the path of its request.
    """

    body: dict[str, Any]
    ttl: int
    path: str


@dataclass(slots=True)
class Role:
    """An AppRole role, with the lease of its tokens and of their renewals in seconds."""

    secret_id: str
    token_ttl: int = TOKEN_TTL_SECONDS
    renewed_ttl: int = TOKEN_TTL_SECONDS


@dataclass(slots=True)
class Seal:
    """The unseal keys of an initialized server, how many of them unseal it, and those given so far."""

    keys: tuple[str, ...] = (UNSEAL_KEY,)
    threshold: int = 1
    given: set[str] = field(default_factory=set)


def root_token() -> Token:
    """A token that may do everything and never expires, as `sys/init` creates it."""
    return Token(
        ttl=0,
        renewable=False,
        policies=("root",),
        path="auth/token/root",
        display_name="root",
        entity_id="",
        meta=None,
    )


@dataclass
class VaultState:
    """Everything the stub remembers; secrets are keyed by path, roles by role id."""

    initialized: bool = True
    sealed: bool = False
    standby: bool = False
    performance_standby: bool = False
    dr_secondary: bool = False
    active_node_reachable: bool = True
    removed: bool = False
    rate_limited: bool = False
    seal: Seal = field(default_factory=Seal)
    secrets: dict[str, Secret] = field(default_factory=dict)
    settings: KvSettings = field(default_factory=KvSettings)
    tokens: dict[str, Token] = field(default_factory=dict)
    wrapped: dict[str, WrappedResponse] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=lambda: {ROLE_ID: Role(SECRET_ID)})
    deny_all: bool = False
    denied_paths: set[str] = field(default_factory=set)
    token_count: int = 0

    def __post_init__(self) -> None:
        """Issue the root token, as a server in development mode has one."""
        self.issue(replace(root_token(), path="auth/token/create", display_name="token"), ROOT_TOKEN)

    @property
    def is_sealed(self) -> bool:
        """Whether nothing but the state of the server can be read."""
        return self.sealed or not self.initialized

    def issue(self, token: Token, token_id: str = "") -> str:
        """Remember a token and return its id, which is in Vault's form unless it is given."""
        self.token_count += 1
        prefix = "hvb" if token.type == "batch" else "hvs"
        token_id = token_id or f"{prefix}.stub{self.token_count:087}"
        # A batch token has no accessor.
        token.accessor = "" if token.type == "batch" else f"stubaccessor{self.token_count:012}"
        self.tokens[token_id] = token
        return token_id

    def revoke(self, token_id: str) -> None:
        """Forget a token and every token that it created."""
        children: dict[str, list[str]] = {}
        for child, token in self.tokens.items():
            children.setdefault(token.parent, []).append(child)
        waiting = [token_id]
        while waiting:
            parent = waiting.pop()
            self.tokens.pop(parent, None)
            waiting += children.get(parent, ())

    def count_use(self, token_id: str) -> None:
        """Count a request of a token whose uses are limited."""
        token = self.tokens[token_id]
        if token.uses_left is not None:
            token.uses_left -= 1

    def find_by_accessor(self, accessor: str) -> str | None:
        """Return the id of the token with an accessor, or None."""
        return next(
            (key for key, token in self.tokens.items() if accessor and token.accessor == accessor), None
        )


def time_after(seconds: int) -> str:
    """The stub's constant time plus some seconds, in Vault's form."""
    start = datetime(2026, 11, 23, 15, tzinfo=UTC)
    return f"{(start + timedelta(seconds=seconds)).isoformat().removesuffix('+00:00')}.123456789Z"
