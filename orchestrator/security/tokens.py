"""Access tokens: JWTs that this service issues and verifies."""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cachetools import LRUCache
from jwt.types import Options
from pydantic import BaseModel, ConfigDict, StrictInt, ValidationError

from orchestrator.security.roles import Permission, Role

ALGORITHM = "HS256"
ISSUER, AUDIENCE = "voicehive-orchestrator", "voicehive"
MAX_TOKEN_LENGTH = 8192
"""Characters; longer tokens are rejected unread. It is enough for any user that can be created."""
MAX_VERIFIED_TOKENS = 1024
"""Tokens whose claims are kept, at most 8 MiB."""
MIN_SECRET_LENGTH = 32
CLOCK_SKEW_SECONDS = 5
"""How far `iat` and `nbf` can be in the future, because clocks of several processes differ."""
# headers such as `jku` or `crit` ask for what this service does not do
ALLOWED_JWT_HEADERS = frozenset({"alg", "kid", "typ"})
REQUIRED_CLAIMS = ["iss", "aud", "sub", "iat", "nbf", "exp", "jti"]


class InvalidTokenError(Exception):
    """A token is invalid. The message is for the audit log, not for the client."""


class Claims(BaseModel):
    """The claims of an access token. PyJWT accepts numbers as text, this model does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iss: str
    aud: str
    sub: str
    email: str
    roles: tuple[Role, ...]
    permissions: tuple[Permission, ...]
    hotel_ids: tuple[str, ...] | None = None
    iat: StrictInt
    nbf: StrictInt
    exp: StrictInt
    jti: str
    session_id: str


class SigningKeys:
    """Secrets by key id. The first one signs; all verify, so that keys can be rotated.

    Raises:
        ValueError: the text is not `kid:secret,…`, or a secret is too short.
    """

    def __init__(self, text: str) -> None:
        pairs = [item.strip().partition(":") for item in text.split(",") if item.strip()]
        if not pairs or any(not kid or len(secret) < MIN_SECRET_LENGTH for kid, _, secret in pairs):
            raise ValueError(
                f"JWT_KEYS should be 'kid:secret,…' with secrets of at least {MIN_SECRET_LENGTH} characters"
            )
        self.current_kid = pairs[0][0]
        self.secrets: Mapping[str, str] = {kid: secret for kid, _, secret in pairs}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """The user and session that a token is issued for."""

    user_id: str
    email: str
    roles: Sequence[Role]
    permissions: Sequence[Permission]
    hotel_ids: Sequence[str] | None
    session_id: str


class JwtService:
    """Issues and verifies access tokens.

    Args:
        keys: the signing keys.
        lifetime: seconds until a token expires.
    """

    def __init__(self, keys: SigningKeys, lifetime: int) -> None:
        self._keys = keys
        self._verified: LRUCache[str, Claims] = LRUCache(MAX_VERIFIED_TOKENS)
        self.ttl_seconds = lifetime

    def replace_keys(self, keys: SigningKeys) -> None:
        """Use other keys from now on; tokens of a key that is not among them are no longer valid."""
        self._keys = keys
        # what was verified before may have been signed with a key that is gone
        self._verified.clear()

    def issue(self, subject: TokenSubject) -> str:
        """Return a signed token."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject.user_id,
            "email": subject.email,
            "roles": list(subject.roles),
            "permissions": sorted(subject.permissions),
            "iat": now,
            "nbf": now,
            "exp": now + self.ttl_seconds,
            "jti": str(uuid.uuid4()),
            "session_id": subject.session_id,
        }
        if subject.hotel_ids is not None:
            claims["hotel_ids"] = list(subject.hotel_ids)
        kid = self._keys.current_kid
        return jwt.encode(claims, self._keys.secrets[kid], ALGORITHM, headers={"kid": kid})

    def verify(self, token: str) -> Claims:
        """Return the claims of a token of this service.

        A token that was verified before is valid until it expires, because its bytes and the keys are the same: other keys empty the cache. Whether
        its session has ended is for the caller to check.

        Raises:
            InvalidTokenError: the token is invalid or expired.
        """
        claims = self._verified.get(token)
        if claims is None:
            claims = self._verified[token] = self._check(token)
        # PyJWT applies the leeway to `exp` too
        if claims.exp <= time.time():
            raise InvalidTokenError("expired")
        return claims

    def _check(self, token: str) -> Claims:
        """Return the claims of a token whose signature, headers and claims are right.

        PyJWT checks the signature and the registered claims. This method adds what PyJWT does not do: a length limit,
        keys by id, an allow-list of headers, unambiguous JSON, and an expiry without leeway.

        Raises:
            InvalidTokenError: the token is invalid or expired.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii() or token.count(".") != 2:
            raise InvalidTokenError("not a token")
        header, _ = (_decode_segment(part) for part in token.split(".")[:2])
        if header.keys() - ALLOWED_JWT_HEADERS or header.get("typ", "JWT") != "JWT":
            raise InvalidTokenError("header")
        try:
            payload = jwt.decode(
                token,
                self._secret(header.get("kid")),
                # fixed, because the token's own `alg` must not choose the algorithm
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=CLOCK_SKEW_SECONDS,
                options=_DECODE_OPTIONS,
            )
            return Claims.model_validate(payload)
        except (jwt.PyJWTError, ValidationError, ValueError, TypeError) as error:
            raise InvalidTokenError(type(error).__name__) from None

    def _secret(self, kid: Any) -> str:
        secret = self._keys.secrets.get(kid) if isinstance(kid, str) else None
        if secret is None:
            raise InvalidTokenError("unknown key")
        return secret


_DECODE_OPTIONS: Options = {"require": REQUIRED_CLAIMS, "strict_aud": True}


def _decode_segment(segment: str) -> dict[str, Any]:
    """Return the JSON object of a segment. PyJWT keeps the last of duplicate keys and accepts NaN."""
    try:
        # a JWT omits the padding
        raw = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
        value = json.loads(
            raw, object_pairs_hook=_reject_duplicate_keys, parse_constant=_reject_json_constant
        )
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidTokenError("not a token") from None
    if not isinstance(value, dict):
        raise InvalidTokenError("not a token")
    return value


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _reject_json_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
