"""LiveKit's recordings: tokens signed anew, and participants let in, who came by WebRTC and not by HTTP."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from provider_verification.conformance.replay.exchange import RecordedExchange, RecordedResponse
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET

RECORDED_KEY = "devkey"
WRONG_SECRET = "another-secret-that-is-long-enough-for-any-hmac" * 2
BASE64_PREFIX = "base64:"
TRUNCATED_BODY_PATTERN = re.compile(r"(.*)… \((\d+) characters\)", re.DOTALL)


def load_exchanges(file: Path) -> Iterator[RecordedExchange]:
    """The exchanges of a recording."""
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        sent, got = entry["request"], entry["response"]
        yield RecordedExchange(
            identifier=str(entry["id"]),
            title=entry.get("title") or entry.get("step") or "",
            method=sent["method"],
            path=sent["path"],
            headers=_lower(sent["headers"]),
            body=b"" if sent["body"] in {None, "null"} else _bytes(_whole(sent["body"])),
            answer=RecordedResponse(got["status"], _lower(got["headers"]), _bytes(got["body"] or "")),
        )


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _whole(text: str) -> str:
    """A long body, of which the recording keeps the beginning and the length: its last text went on with one letter."""
    cut = TRUNCATED_BODY_PATTERN.fullmatch(text)
    if not cut:
        return text
    kept, length = cut[1], int(cut[2])
    end = '"' + "}" * (kept.count("{") - kept.count("}"))
    return kept + kept[-1] * (length - len(kept) - len(end)) + end


def _bytes(text: str) -> bytes:
    return (
        base64.b64decode(text.removeprefix(BASE64_PREFIX))
        if text.startswith(BASE64_PREFIX)
        else text.encode()
    )


class LiveKitReplayAdapter:
    """Plays LiveKit's recordings."""

    error_code_field = "code"
    id_pattern = re.compile(r"[A-Z]{2,3}_\w+")

    def __init__(self) -> None:
        self._redis = True

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Let in whom the recorded answer shows in a room, and publish the tracks it shows."""
        shown = exchange.answer.json()
        request = _request(exchange)
        self._prepare_sip(exchange, shown, http)
        if exchange.answer.status != 200 or not isinstance(shown, dict) or "room" not in request:
            return
        people = shown.get("participants") or (
            [shown] if "identity" in shown and "joined_at" in shown else []
        )
        for person in people:
            self._let_in(request["room"], person, http)

    def _prepare_sip(self, exchange: RecordedExchange, shown: Any, http: httpx.Client) -> None:
        """Make the other end of a call do what it did: the recorded answer has its SIP status."""
        redis = "redis required" not in exchange.answer.body.decode(errors="replace")
        if redis != self._redis:
            self._redis = redis
            _state(http, "Redis", {"connected": redis})
        if not exchange.path.endswith("SIPParticipant") or not isinstance(shown, dict):
            return
        status = int(shown.get("meta", {}).get("sip_status_code", 0))
        answers = not str(shown.get("msg")).endswith("timed out")
        worker = shown.get("code") != "unavailable"
        _state(http, "a SIP peer", {"status": status, "answers": answers, "worker": worker})

    def _let_in(self, room: str, person: dict[str, Any], http: httpx.Client) -> None:
        fields = ("identity", "kind", "metadata", "name", "attributes")
        _state(http, "a participant in a room", {"room": room, **{name: person[name] for name in fields}})
        for track in person["tracks"]:
            params = {"room": room, "identity": person["identity"], "name": track["name"]}
            _state(http, "a published track", params)

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """Sign the token for the stub: what was expired then is expired now, what was forged is forged."""
        token = exchange.headers.get("authorization", "").removeprefix("Bearer ")
        in_query = re.search(r"access_token=([^&]+)", exchange.path)
        if in_query:
            return replace(
                exchange, path=exchange.path.replace(in_query[1], self._signed(in_query[1], exchange))
            )
        if token.count(".") != 2:
            return exchange
        fresh = exchange.headers["authorization"].replace(token, self._signed(token, exchange))
        return replace(exchange, headers={**exchange.headers, "authorization": fresh})

    def _signed(self, token: str, exchange: RecordedExchange) -> str:
        try:
            claims = jwt.decode(token, options={"verify_signature": False, "verify_aud": False})
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            return token
        passed = time.time() - parsedate_to_datetime(exchange.answer.headers["date"]).timestamp()
        claims |= {name: int(claims[name] + passed) for name in ("exp", "nbf", "iat") if name in claims}
        if claims.get("iss") == RECORDED_KEY:
            claims["iss"] = API_KEY
        forged = b"signature is invalid" in exchange.answer.body and header["alg"] == "HS256"
        secret = WRONG_SECRET if forged else API_SECRET
        return jwt.api_jws.encode(
            json.dumps(claims).encode(), None if header["alg"] == "none" else secret, algorithm=header["alg"]
        )


def _request(exchange: RecordedExchange) -> dict[str, Any]:
    try:
        body = json.loads(exchange.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _state(http: httpx.Client, name: str, params: dict[str, Any]) -> None:
    http.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
