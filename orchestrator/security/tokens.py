"""Access tokens: JWTs of ours, and nobody else's."""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.types import Options
from pydantic import BaseModel, ConfigDict, StrictInt, ValidationError

from orchestrator.security.roles import Permission, Role

ALGORITHM = "HS256"
ISSUER, AUDIENCE = "voicehive-orchestrator", "voicehive"
MAX_TOKEN_LENGTH = 4096
"""Characters of a token that are looked at."""
MIN_SECRET_LENGTH = 32
CLOCK_SKEW_SECONDS = 5
"""Seconds that a token may seem to be from the future."""
ALLOWED_JWT_HEADERS = frozenset({"alg", "kid", "typ"})


class InvalidTokenError(Exception):
    """A token is not good; the reason is for the audit log, never for the caller."""


class Claims(BaseModel):
    """What a token says."""

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
    """Secrets by key id. New tokens are signed by the first; the others are good until they are taken away.

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
    """Whom a token is made for."""

    user_id: str
    email: str
    roles: Sequence[Role]
    permissions: Sequence[Permission]
    hotel_ids: Sequence[str] | None
    session_id: str


class JwtService:
    """Makes tokens and reads them.

    Args:
        keys: that sign.
        lifetime: seconds.
        clock: seconds since 1970.
    """

    def __init__(self, keys: SigningKeys, lifetime: int, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self.ttl_seconds = lifetime
        self._clock = clock

    def issue(self, identity: TokenSubject) -> str:
        """A token."""
        now = int(self._clock())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": identity.user_id,
            "email": identity.email,
            "roles": list(identity.roles),
            "permissions": sorted(identity.permissions),
            "iat": now,
            "nbf": now,
            "exp": now + self.ttl_seconds,
            "jti": str(uuid.uuid4()),
            "session_id": identity.session_id,
        }
        if identity.hotel_ids is not None:
            claims["hotel_ids"] = list(identity.hotel_ids)
        kid = self._keys.current_kid
        return jwt.encode(claims, self._keys.secrets[kid], ALGORITHM, headers={"kid": kid})

    def verify(self, token: str) -> Claims:
        """What a token says, if it is one of ours and its time is now.

        Raises:
            InvalidTokenError: it is not.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii() or token.count(".") != 2:
            raise InvalidTokenError("not a token")
        header, payload = (_decode_segment(part) for part in token.split(".")[:2])
        if (
            header.keys() - ALLOWED_JWT_HEADERS
            or header.get("alg") != ALGORITHM
            or header.get("typ", "JWT") != "JWT"
        ):
            raise InvalidTokenError("header")
        kid = header.get("kid")
        secret = self._keys.secrets.get(kid) if isinstance(kid, str) else None
        if secret is None:
            raise InvalidTokenError("unknown key")
        try:
            # The clock is ours, and times are looked at below.
            jwt.decode(token, secret, [ALGORITHM], options=_SIGNATURE_ONLY)
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidTokenError(type(error).__name__) from None
        return self._claims(payload)

    def _claims(self, payload: dict[str, Any]) -> Claims:
        try:
            claims = Claims.model_validate(payload)
        except ValidationError:
            raise InvalidTokenError("claims") from None
        if (claims.iss, claims.aud) != (ISSUER, AUDIENCE):
            raise InvalidTokenError("issuer or audience")
        now = self._clock()
        if claims.exp <= now:
            raise InvalidTokenError("expired")
        if max(claims.nbf, claims.iat) > now + CLOCK_SKEW_SECONDS:
            raise InvalidTokenError("not yet valid")
        return claims


_SIGNATURE_ONLY: Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _decode_segment(part: str) -> dict[str, Any]:
    """The object in a part of a token; one that says the same twice is none."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(
            raw, object_pairs_hook=_reject_duplicate_keys, parse_constant=_reject_json_constant
        )
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidTokenError("not a token") from None
    if not isinstance(value, dict):
        raise InvalidTokenError("not a token")
    return value


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _reject_json_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
