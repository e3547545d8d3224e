"""Vault's recordings: a token that the server accepted is one the stub accepts, and its seal is as the answers show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from provider_verification.conformance.replay.exchange import RecordedExchange, RecordedResponse
from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID

SEALED = b"Vault is sealed"
BAD_TOKEN = b'{"errors":["permission denied"]}'
EXCHANGES_OF_UNINITIALIZED_SERVERS = {"health"}
"""Exchanges from which on the recorder spoke to another, empty server."""
GENERIC_ERROR = b"1 error occurred"


def load_exchanges(file: Path, server: str) -> Iterator[RecordedExchange]:
    """The plain exchanges with one of the recorded servers that got an answer."""
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        sent, got = entry["request"], entry["response"]
        name, _, identifier = entry["id"].partition("/")
        if name == server and entry["client"] == "httpx" and got["status"] is not None:
            yield RecordedExchange(
                identifier=identifier,
                title=entry["title"],
                method=sent["method"],
                path=sent["path"],
                headers=_headers(sent["headers"]),
                body=(sent["body"] or "").encode(),
                answer=RecordedResponse(
                    got["status"], _headers(got["headers"]), (got["body"] or "").encode()
                ),
            )


def _headers(pairs: list[list[str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs if name.lower() != "content-length"}


class VaultReplayAdapter:
    """Plays Vault's recordings."""

    error_code_field = ""
    """Vault's errors have words only, and the words are not compared."""
    id_pattern = re.compile(r"hvs\.[\w-]+")

    def __init__(self) -> None:
        self._state: dict[str, bool] = {}
        self._token = ROOT_TOKEN

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Seal or unseal the stub; its health answers say all of it."""
        if exchange.identifier in EXCHANGES_OF_UNINITIALIZED_SERVERS:
            _state(http, "no secret", {})
        limited = exchange.answer.status == 429 and b"quota exceeded" in exchange.answer.body
        _state(http, "the rate limit reached", {"reached": limited})
        shown = exchange.answer.json()
        running = {
            "initialized": True,
            "sealed": exchange.answer.body.startswith(b'{"errors":["Vault is sealed"]}'),
            "standby": False,
        }
        if "/sys/health" in exchange.path and isinstance(shown, dict) and "sealed" in shown:
            running = {name: shown[name] for name in ("initialized", "sealed", "standby")}
        elif exchange.path.startswith("/v1/sys/"):
            return
        running |= {"denies": GENERIC_ERROR in exchange.answer.body and exchange.answer.status == 403}
        if running != self._state:
            self._state = running
            policy = {"denies": running["denies"]}
            _state(http, "a policy that allows nothing", policy)
            _state(http, "Vault", {name: value for name, value in running.items() if name not in policy})
        self._token = _state(http, "a token", {}).get("token", ROOT_TOKEN)

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """A credential that the server took is replaced by one that the stub takes, another by one it does not."""
        headers = dict(exchange.headers)
        refused = exchange.answer.status == 403 and exchange.answer.body.strip() == BAD_TOKEN
        for name in ("x-vault-token", "authorization"):
            if name in headers and not refused:
                scheme = headers[name].partition(" ")[0] + " " if " " in headers[name] else ""
                headers[name] = scheme + self._token
        return replace(exchange, headers=headers, body=_login(exchange))


def _login(exchange: RecordedExchange) -> bytes:
    """The body of a login with the stub's role where the server's was good."""
    if not exchange.path.endswith("/login") or exchange.answer.status != 200:
        return exchange.body
    return json.dumps({"role_id": ROLE_ID, "secret_id": SECRET_ID}).encode()


def _state(http: httpx.Client, name: str, params: dict[str, Any]) -> dict[str, str]:
    answer = http.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
    given: dict[str, str] = answer.json()
    return given
