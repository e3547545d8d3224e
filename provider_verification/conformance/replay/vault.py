"""Replay of Vault's recordings: accepted tokens are exchanged for the stub's, and the seal becomes a provider state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx

from provider_verification.conformance.replay.exchange import RecordedExchange, RecordedResponse
from provider_verification.conformance.replay.replay import set_provider_state
from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID

SEALED_BODY = b'{"errors":["Vault is sealed"]}'
BAD_TOKEN_BODY = b'{"errors":["permission denied"]}'
POLICY_ERROR = b"1 error occurred"
EXCHANGES_OF_EMPTY_SERVERS = {"health"}
"""Exchanges that the recorder sent to another server, without secrets."""

SEAL_FIELDS = ("initialized", "sealed", "standby")


def load_exchanges(file: Path, server: str) -> Iterator[RecordedExchange]:
    """The exchanges of httpx with one of the recorded servers that got a response."""
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        request, response = entry["request"], entry["response"]
        name, _, identifier = entry["id"].partition("/")
        if name == server and entry["client"] == "httpx" and response["status"] is not None:
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

    error_code_field = ""
    """Vault's errors have a message only, and messages are not compared."""
    error_text_field = ""
    id_pattern = re.compile(r"hvs\.[\w-]+")

    def __init__(self) -> None:
        self._server_state: dict[str, bool] = {}
        self._token = ROOT_TOKEN

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Set rate limit, seal and policy as the recorded response shows them, and issue a token."""
        response = exchange.response
        if exchange.identifier in EXCHANGES_OF_EMPTY_SERVERS:
            set_provider_state(http, "no secret", {})
        is_limited = response.status == 429 and b"quota exceeded" in response.body
        set_provider_state(http, "the rate limit reached", {"reached": is_limited})
        seal = _seal_status(exchange)
        if seal is None:
            return
        denies = response.status == 403 and POLICY_ERROR in response.body
        if {**seal, "denies": denies} != self._server_state:
            self._server_state = {**seal, "denies": denies}
            set_provider_state(http, "a policy that allows nothing", {"denies": denies})
            set_provider_state(http, "Vault", seal)
        self._token = set_provider_state(http, "a token", {}).get("token", ROOT_TOKEN)

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """Replace a token that the server accepted by one that the stub accepts."""
        headers = dict(exchange.headers)
        is_rejected = exchange.response.status == 403 and exchange.response.body.strip() == BAD_TOKEN_BODY
        for name in ("x-vault-token", "authorization"):
            if name in headers and not is_rejected:
                scheme = headers[name].partition(" ")[0] + " " if " " in headers[name] else ""
                headers[name] = scheme + self._token
        return replace(exchange, headers=headers, body=_login_body(exchange))


def _seal_status(exchange: RecordedExchange) -> dict[str, bool] | None:
    """The seal that the recorded response shows; None for other system paths, which do not show it."""
    body = exchange.response.json()
    if "/sys/health" in exchange.path and isinstance(body, dict) and "sealed" in body:
        return {name: body[name] for name in SEAL_FIELDS}
    if exchange.path.startswith("/v1/sys/"):
        return None
    is_sealed = exchange.response.body.startswith(SEALED_BODY)
    return {"initialized": True, "sealed": is_sealed, "standby": False}


def _login_body(exchange: RecordedExchange) -> bytes:
    """The request body, with the stub's role in a login that succeeded."""
    if not exchange.path.endswith("/login") or exchange.response.status != 200:
        return exchange.body
    return json.dumps({"role_id": ROLE_ID, "secret_id": SECRET_ID}).encode()
