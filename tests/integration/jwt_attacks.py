"""Forged access tokens, each derived from a valid token and, where possible, signed with the real key."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jwt

CURRENT_KEY, PREVIOUS_KEY = (
    ("current", "the-key-that-signs-now-" * 2),
    ("older", "the-key-that-signed-before-" * 2),
)
JWT_KEYS = f"{CURRENT_KEY[0]}:{CURRENT_KEY[1]},{PREVIOUS_KEY[0]}:{PREVIOUS_KEY[1]}"
Claims = dict[str, Any]


@dataclass(frozen=True)
class ValidToken:
    """A valid access token."""

    token: str

    @property
    def claims(self) -> Claims:
        """The decoded payload."""
        claims: Claims = jwt.decode(self.token, options={"verify_signature": False})
        return claims

    @property
    def parts(self) -> list[str]:
        """Encoded header, payload and signature."""
        return self.token.split(".")

    def resigned_with(
        self, header: dict[str, Any] | None = None, key: tuple[str, str] = CURRENT_KEY, **changes: Any
    ) -> str:
        """Return the token with changed claims (None removes one) and header fields, signed with a real key."""
        claims = {name: value for name, value in (self.claims | changes).items() if value is not None}
        return encode_token({"alg": "HS256", "typ": "JWT", "kid": key[0], **(header or {})}, claims, key[1])


def encode_base64url(value: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def encode_token(header: Any, claims: Any, secret: str, digest: str = "sha256") -> str:
    """Return a signed token of any header and claims: JSON values, or bytes that are used unchanged."""
    parts = [
        encode_base64url(part if isinstance(part, bytes) else json.dumps(part).encode())
        for part in (header, claims)
    ]
    signing_input = ".".join(parts)
    signature = hmac.new(secret.encode(), signing_input.encode(), digest).digest()
    return f"{signing_input}.{encode_base64url(signature)}"


def _with_confused_algorithm(valid: ValidToken, algorithm: str) -> str:
    """Name an asymmetric algorithm but sign with HMAC: a server that treats its secret as a public key accepts it."""
    header = {"alg": algorithm, "typ": "JWT", "kid": CURRENT_KEY[0]}
    return encode_token(header, valid.claims, CURRENT_KEY[1])


def _unsigned(valid: ValidToken, algorithm: str) -> str:
    header = {"alg": algorithm, "typ": "JWT", "kid": CURRENT_KEY[0]}
    return f"{encode_base64url(json.dumps(header).encode())}.{valid.parts[1]}."


def _with_duplicate_claim(valid: ValidToken, name: str, value: Any) -> str:
    """Return a token whose payload holds a claim twice; the second value is the attacker's."""
    text = json.dumps(valid.claims)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
    return encode_token({"alg": "HS256", "typ": "JWT", "kid": CURRENT_KEY[0]}, text.encode(), CURRENT_KEY[1])


def _with_duplicate_header_field(valid: ValidToken) -> str:
    header = b'{"alg": "none", "typ": "JWT", "kid": "current", "alg": "HS256"}'
    return encode_token(header, valid.claims, CURRENT_KEY[1])


def _with_changed_character(valid: ValidToken, part: int) -> str:
    parts = valid.parts
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    return ".".join(parts)


REQUIRED_CLAIMS = (
    "iss", "aud", "sub", "email", "roles", "permissions", "iat", "nbf", "exp", "jti", "session_id",
)  # fmt: skip
KID_INJECTIONS = (
    "../../../../dev/null", "current' OR '1'='1", "/etc/hostname", "current\x00", "CURRENT", " current", "http://127.0.0.1/key",
)  # fmt: skip
CLAIM_CHANGES: dict[str, Claims] = {
    "expires before it begins": {"exp": 1},
    "expiry zero": {"exp": 0},
    "expiry negative": {"exp": -1},
    "expiry as text": {"exp": "9999999999"},
    "expiry as a fraction": {"exp": 9999999999.5},
    "expiry true": {"exp": True},
    "expiry as a list": {"exp": [9999999999]},
    "issued as text": {"iat": "yesterday"},
    "another issuer": {"iss": "evil"},
    "issuer with a line end": {"iss": "voicehive-orchestrator\n"},
    "another audience": {"aud": "another-service"},
    "several audiences": {"aud": ["voicehive", "another-service"]},
    "an unknown role": {"roles": ["root"]},
    "roles as text": {"roles": "admin"},
    "an unknown permission": {"permissions": ["everything"]},
    "subject as a number": {"sub": 1},
    "another subject": {"sub": "00000000-0000-0000-0000-000000000000"},
    "another session": {"session_id": "made-up"},
    "no session's name": {"session_id": ""},
    "session as an object": {"session_id": {"$ne": ""}},
    "an unknown claim": {"admin": True},
}
TIME_SHIFTS: dict[str, dict[str, int]] = {
    "expired at this second": {"exp": 0},
    "expired a day ago": {"exp": -86_400},
    "valid from tomorrow": {"nbf": 86_400},
    "issued tomorrow": {"iat": 86_400},
}
"""Claims as seconds from the moment at which the token is made."""
FORGED_HEADERS: dict[str, dict[str, Any]] = {
    "forged jwk": {"jwk": {"kty": "oct", "k": encode_base64url(b"attacker" * 8)}},
    "forged jku": {"jku": "http://127.0.0.1:9/keys"},
    "forged x5u": {"x5u": "http://127.0.0.1:9/cert"},
    "forged x5c": {"x5c": ["MIIB"]},
    "critical extension": {"crit": ["exp"]},
    "unencoded payload": {"b64": False, "crit": ["b64"]},
    "compressed": {"zip": "DEF"},
    "another type": {"typ": "JWE"},
    "another content": {"cty": "JWT"},
    "key id as a number": {"kid": 1},
    "key id as a list": {"kid": ["current"]},
    "key id null": {"kid": None},
    "algorithm null": {"alg": None},
    "algorithm in small letters": {"alg": "hs256"},
    "algorithm as a list": {"alg": ["HS256"]},
}
Attack = Callable[[ValidToken], str]


def _with(header: dict[str, Any] | None, **changes: Any) -> Attack:
    """Return an attack that changes header fields and claims and signs with the real key."""
    return lambda valid: valid.resigned_with(header, **changes)


def _with_times(shifts: dict[str, int]) -> Attack:
    """Return an attack that sets claims relative to the current time."""

    def attack(valid: ValidToken) -> str:
        now = int(time.time())
        changes: Claims = {name: now + seconds for name, seconds in shifts.items()}
        return valid.resigned_with(**changes)

    return attack


ATTACKS: dict[str, Attack] = {
    "empty": lambda _: "",
    "a word": lambda _: "token",
    "two dots": lambda _: "..",
    "one part": lambda valid: valid.parts[0],
    "two parts": lambda valid: ".".join(valid.parts[:2]),
    "four parts": lambda valid: f"{valid.token}.x",
    "without a signature": lambda valid: ".".join([*valid.parts[:2], ""]),
    "cut short": lambda valid: valid.token[:-5],
    "oversized": lambda valid: valid.resigned_with(jti="x" * 10_000),
    "very oversized": lambda valid: valid.token + "A" * 30_000,
    "changed header": lambda valid: _with_changed_character(valid, 0),
    "changed payload": lambda valid: _with_changed_character(valid, 1),
    "changed signature": lambda valid: _with_changed_character(valid, 2),
    "signed with nothing": lambda valid: valid.resigned_with(key=(CURRENT_KEY[0], "")),
    "signed with another key": lambda valid: valid.resigned_with(key=(CURRENT_KEY[0], "attacker" * 8)),
    "signed with a rotated key's name": lambda valid: valid.resigned_with(key=("oldest", CURRENT_KEY[1])),
    "keys mixed up": lambda valid: valid.resigned_with(key=(CURRENT_KEY[0], PREVIOUS_KEY[1])),
    "signed over with HS512": lambda valid: encode_token(
        {"alg": "HS512", "typ": "JWT", "kid": CURRENT_KEY[0]}, valid.claims, CURRENT_KEY[1], "sha512"
    ),
    "HS384 by its name only": lambda valid: valid.resigned_with({"alg": "HS384"}),
    "a claim twice: expiry": lambda valid: _with_duplicate_claim(valid, "exp", 9999999999),
    "a claim twice: roles": lambda valid: _with_duplicate_claim(valid, "roles", ["admin"]),
    "a header field twice": _with_duplicate_header_field,
    "payload as a list": lambda _: encode_token({"alg": "HS256", "kid": CURRENT_KEY[0]}, [1], CURRENT_KEY[1]),
    "payload as text": lambda _: encode_token({"alg": "HS256", "kid": CURRENT_KEY[0]}, "x", CURRENT_KEY[1]),
    "payload no JSON": lambda _: encode_token({"alg": "HS256", "kid": CURRENT_KEY[0]}, b"{", CURRENT_KEY[1]),
    "payload not UTF-8": lambda _: encode_token({"alg": "HS256", "kid": CURRENT_KEY[0]}, b'{"sub": "\xff"}', CURRENT_KEY[1]),
    "payload deep": lambda _: encode_token(
        {"alg": "HS256", "kid": CURRENT_KEY[0]}, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", CURRENT_KEY[1]
    ),
    "expiry not a number": lambda _: encode_token(
        {"alg": "HS256", "kid": CURRENT_KEY[0]}, b'{"exp": NaN}', CURRENT_KEY[1]
    ),
    "expiry endless": lambda _: encode_token(
        {"alg": "HS256", "kid": CURRENT_KEY[0]}, b'{"exp": Infinity}', CURRENT_KEY[1]
    ),
    "header as a list": lambda valid: encode_token([], valid.claims, CURRENT_KEY[1]),
    "header empty": lambda valid: encode_token({}, valid.claims, CURRENT_KEY[1]),
    "padded": lambda valid: ".".join(f"{part}==" for part in valid.parts),
    "letters that look alike": lambda valid: valid.token.replace("e", "\u0435", 1),
    "a zero byte as text": lambda valid: f"%00{valid.token}",
    "a space inside": lambda valid: valid.token.replace(".", " .", 1),
    "a tab after it": lambda valid: f"{valid.token}\tx",
    "a second token after it": lambda valid: f"{valid.token}, Bearer {valid.token}",
    **{f"unsigned: alg {name}": partial(_unsigned, algorithm=name) for name in ("none", "None", "NONE", "nOnE", "")},
    **{f"confused: {name}": partial(_with_confused_algorithm, algorithm=name) for name in ("RS256", "PS256", "ES256", "EdDSA")},
    **{f"key id: {kid!r}": _with({"kid": kid}) for kid in KID_INJECTIONS},
    **{f"header: {name}": _with(fields) for name, fields in FORGED_HEADERS.items()},
    **{f"claims: {name}": _with(None, **changes) for name, changes in CLAIM_CHANGES.items()},
    **{f"times: {name}": _with_times(shifts) for name, shifts in TIME_SHIFTS.items()},
    **{f"without {name}": _with(None, **{name: None}) for name in REQUIRED_CLAIMS},
}  # fmt: skip
