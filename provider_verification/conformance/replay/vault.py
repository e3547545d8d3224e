"""Replay of Vault's recordings: root tokens and roles are exchanged for the stub's, and the seal becomes a state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from provider_verification.conformance.replay.exchange import RecordedExchange, RecordedResponse
from provider_verification.conformance.replay.replay import set_provider_state
from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID

BAD_TOKEN_BODY = b'{"errors":["permission denied"]}'
POLICY_ERROR = b"1 error occurred:\\n\\t* permission denied"
RECORDED_ROOT_TOKEN = "dev-root-token"  # noqa: S105 - of a server that is gone
TOKEN_HEADERS = ("x-vault-token", "authorization")
EXCHANGES_OF_EMPTY_SERVERS = {"health", "hvac-is-authenticated", "z-numbers-write"}
"""The first exchanges that the recorder sent to another server, without secrets."""

SEAL_FIELDS = ("initialized", "sealed", "standby")
SEAL_BY_HEALTH = {
    status: dict(zip(SEAL_FIELDS, values, strict=True))
    for status, values in {
        200: (True, False, False),
        429: (True, False, True),
        501: (False, True, True),
        503: (True, True, True),
    }.items()
}
"""What the status of a response without a body says, of a request that does not ask for another one."""

CONVERSION_PATTERN = re.compile(r'error converting input .*?for field "(\w+)": .*', re.DOTALL)
LIMITED_PATH_PATTERN = re.compile(r'request path ".*": ')
CUSTOM_METADATA_PATTERN = re.compile(r"(custom_metadata validation failed): .*", re.DOTALL)


def load_exchanges(file: Path, server: str) -> Iterator[RecordedExchange]:
    """The exchanges with one of the recorded servers that got a response, by httpx and by hvac."""
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        request, response = entry["request"], entry["response"]
        name, _, identifier = entry["id"].partition("/")
        # The exchanges over a raw socket test how headers are written, which a client library does by itself.
        if name == server and entry["client"] != "raw socket" and response["status"] is not None:
            yield RecordedExchange(
                identifier=identifier,
                title=entry["title"],
                method=request["method"],
                path=request["path"],
                headers=_headers(request["headers"]),
                body=(request["body"] or "").encode(),
                response=RecordedResponse(
                    response["status"], _headers(response["headers"]), (response["body"] or "").encode()
                ),
            )


def _headers(pairs: list[list[str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs if name.lower() != "content-length"}


class VaultReplayAdapter:
    """Replays Vault's recordings."""

    id_pattern = re.compile(r"(?:hvs|hvb|s|b)\.[\w-]{20,}|[A-Za-z0-9]{24}|[0-9a-f]{64,66}")
    """Tokens of Vault and OpenBao, accessors, and unseal keys."""

    def __init__(self) -> None:
        self._server_state: dict[str, bool] = {}
        self._issued_tokens: set[str] = set()
        self._token = ROOT_TOKEN

    def error_kind(self, body: Any) -> Any:
        """The texts of an error, without the input that they repeat and without Go's name for its type."""
        errors = body.get("errors") if isinstance(body, dict) else None
        return [_without_input(text) for text in errors] if isinstance(errors, list) else None

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Set rate limit, seal and policy as the recorded response shows them, and issue a token."""
        response = exchange.response
        if exchange.identifier in EXCHANGES_OF_EMPTY_SERVERS:
            set_provider_state(http, "no secret", {})
        is_limited = response.status == 429 and b"quota exceeded" in response.body
        set_provider_state(http, "the rate limit reached", {"reached": is_limited})
        seal = _seal_status(exchange, is_initialized=self._server_state.get("initialized", True))
        denies = response.status == 403 and POLICY_ERROR in response.body
        if seal is not None and {**seal, "denies": denies} != self._server_state:
            self._server_state = {**seal, "denies": denies}
            set_provider_state(http, "a policy that allows nothing", {"denies": denies})
            set_provider_state(http, "Vault", seal)
        self._token = set_provider_state(http, "a token", {}).get("token", ROOT_TOKEN)
        self._remember_tokens(response.json())

    def _remember_tokens(self, body: Any) -> None:
        """Note the tokens that the recorded response issues; the stub issues one in its place."""
        if isinstance(body, dict) and "root_token" in body:
            self._issued_tokens.add(body["root_token"])
        if isinstance(body, dict) and body.get("auth"):
            self._issued_tokens.add(body["auth"]["client_token"])
        if isinstance(body, dict) and body.get("wrap_info"):
            self._issued_tokens.add(body["wrap_info"]["token"])

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """Replace a token that the server accepted, unless the stub has issued its own in place of it."""
        headers = dict(exchange.headers)
        is_rejected = exchange.response.status == 403 and exchange.response.body.strip() == BAD_TOKEN_BODY
        for name in TOKEN_HEADERS:
            if name in headers and not is_rejected:
                scheme, _, token = headers[name].rpartition(" ")
                headers[name] = f"{scheme} {self._stub_token(token)}".strip()
        return replace(exchange, headers=headers, body=_login_body(exchange))

    def _stub_token(self, token: str) -> str:
        if token == RECORDED_ROOT_TOKEN:
            return ROOT_TOKEN
        return token if token in self._issued_tokens else self._token


def _without_input(text: str) -> str:
    text = CONVERSION_PATTERN.sub(r"error converting \1", text)
    text = LIMITED_PATH_PATTERN.sub("request path: ", text)
    return CUSTOM_METADATA_PATTERN.sub(r"\1", text)


def _seal_status(exchange: RecordedExchange, *, is_initialized: bool) -> dict[str, bool] | None:
    """The seal that the recorded response shows; None for requests that do not show or that change it."""
    body, path = exchange.response.json(), exchange.path.partition("?")[0]
    if path == "/v1/sys/health":
        if isinstance(body, dict) and "sealed" in body:
            return {name: body[name] for name in SEAL_FIELDS}
        return SEAL_BY_HEALTH.get(exchange.response.status)
    if exchange.method == "GET" and isinstance(body, dict) and path == "/v1/sys/seal-status":
        return {"initialized": body["initialized"], "sealed": body["sealed"], "standby": False}
    if path.startswith("/v1/sys/"):
        return None
    is_sealed = b'"Vault is sealed"' in exchange.response.body
    return {"initialized": is_initialized or not is_sealed, "sealed": is_sealed, "standby": False}


def _login_body(exchange: RecordedExchange) -> bytes:
    """The request body, with the stub's role in a login that succeeded."""
    if not exchange.path.endswith("/login") or exchange.response.status != 200:
        return exchange.body
    credentials = {"role_id": ROLE_ID, "secret_id": SECRET_ID}
    try:
        return json.dumps({**json.loads(exchange.body), **credentials}).encode()
    except ValueError:
        return json.dumps(credentials).encode()
