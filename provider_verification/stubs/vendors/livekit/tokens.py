"""Access tokens, verified as LiveKit's server verifies them with golang-jwt.

The error texts are those of the recorded server. Where it was not recorded with a wrong claim, they follow the code of
`livekit/protocol`, golang-jwt and Go's `encoding/json`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
import time
from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.vendors.livekit.claim_types import (
    REGISTERED_CLAIM_TYPES,
    TOKEN_CLAIM_TYPES,
    read_struct,
)
from provider_verification.stubs.vendors.livekit.state import API_SECRET

LEEWAY_SECONDS = 60
MAX_INT64 = 2**63
SIGNING_METHODS = {"none", "EdDSA"} | {
    f"{family}{bits}" for family in ("HS", "RS", "ES", "PS") for bits in (256, 384, 512)
}
"""The values of `alg` that golang-jwt knows; only HS256 is accepted."""

SEGMENT_PATTERN = re.compile(r"[A-Za-z0-9_-]*")
NUMBER_PATTERN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


class TokenError(Exception):
    """A token that the server rejects; the message is the body of its response."""


def verify_token(token: str, api_key: str) -> Mapping[str, Any]:
    """Return the grants of a token.

    Args:
        token: the JWT.
        api_key: the server's only API key.

    Raises:
        TokenError: the token is not one of the key, its signature or its times are not valid, or a claim has the wrong type.
    """
    try:
        algorithm, claims = _read_unverified(token)
        registered = read_struct(claims, REGISTERED_CLAIM_TYPES)
        times = {name: _read_time(registered.get(name)) for name in ("exp", "nbf", "iat")}
    except (ValueError, RecursionError):
        raise TokenError("invalid authorization token") from None
    if registered.get("iss", "") != api_key:
        raise TokenError(f"invalid API key: {registered.get('iss', '')}")
    try:
        grants = read_struct(claims, TOKEN_CLAIM_TYPES)
        _verify_signature(token, algorithm)
        _verify_times(times)
    except ValueError as error:
        raise TokenError(f"invalid token: {token}, error: {error}") from None
    return grants


def _read_unverified(token: str) -> tuple[str, Mapping[str, Any]]:
    segments = token.split(".")
    if len(segments) != 3:
        raise ValueError("a token has three segments")
    header, claims = (_load_json(_decode_segment(segment)) for segment in segments[:2])
    algorithm = header.get("alg") if isinstance(header, dict) else None
    if not isinstance(algorithm, str) or algorithm not in SIGNING_METHODS:
        raise ValueError("the signing method is not available")
    # Go reads null as an object without members.
    claims = {} if claims is None else claims
    if isinstance(claims, dict):
        return algorithm, claims
    raise ValueError("the claims should be an object")


def _decode_segment(segment: str) -> bytes:
    if not SEGMENT_PATTERN.fullmatch(segment) or len(segment) % 4 == 1:
        raise ValueError("illegal base64 data")
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _load_json(text: bytes) -> Any:
    # Go replaces invalid UTF-8, and has no NaN.
    return json.loads(text.decode(errors="replace"), parse_constant=_reject_constant, parse_int=float)


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _read_time(value: Any) -> float | None:
    """A time in seconds; None if it is not given. Go reads a number in a text as well."""
    if isinstance(value, str):
        if not NUMBER_PATTERN.fullmatch(value):
            raise ValueError("a time should be a number")
        value = float(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, float) or math.isinf(value):
        raise ValueError("a time should be a number")
    # The conversion of a float that is out of range gives the smallest int64 on the recorded platform.
    return float(math.trunc(value)) if abs(value) < MAX_INT64 else float(-MAX_INT64)


def _verify_signature(token: str, algorithm: str) -> None:
    if algorithm != "HS256":
        raise ValueError(f"token signature is invalid: signing method {algorithm} is invalid")
    signed, _, signature = token.rpartition(".")
    try:
        actual = _decode_segment(signature)
    except ValueError as error:
        raise ValueError(f"token is malformed: could not base64 decode signature: {error}") from None
    expected = hmac.new(API_SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(actual, expected):
        raise ValueError("token signature is invalid: signature is invalid")


def _verify_times(times: Mapping[str, float | None]) -> None:
    now = time.time()
    problems = []
    # Recorded: a token without exp is accepted.
    if times["exp"] is not None and now >= times["exp"] + LEEWAY_SECONDS:
        problems.append("token is expired")
    if times["nbf"] is not None and now < times["nbf"] - LEEWAY_SECONDS:
        problems.append("token is not valid yet")
    if problems:
        raise ValueError(f"token has invalid claims: {', '.join(problems)}")
