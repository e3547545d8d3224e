"""Replay of LiveKit's recordings: tokens are signed again, and WebRTC participants become provider states."""

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
from provider_verification.conformance.replay.replay import set_provider_state
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET

RECORDED_API_KEY = "devkey"
WRONG_SECRET = "another-secret-that-is-long-enough-for-any-hmac" * 2
BASE64_PREFIX = "base64:"
TRUNCATED_BODY_PATTERN = re.compile(r"(.*)… \((\d+) characters\)", re.DOTALL)
PARTICIPANT_FIELDS = ("identity", "kind", "metadata", "name", "attributes")


def load_exchanges(file: Path) -> Iterator[RecordedExchange]:
    """The exchanges of a recording."""
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        request, response = entry["request"], entry["response"]
        has_body = request["body"] not in {None, "null"}
        yield RecordedExchange(
            identifier=str(entry["id"]),
            title=entry.get("title") or entry.get("step") or "",
            method=request["method"],
            path=request["path"],
            headers=_lower_names(request["headers"]),
            body=_decode(_restore_truncated(request["body"])) if has_body else b"",
            response=RecordedResponse(
                response["status"], _lower_names(response["headers"]), _decode(response["body"] or "")
            ),
        )


def _lower_names(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _restore_truncated(text: str) -> str:
    """A body that the recorder truncated: it ended in a text that repeated one letter up to the noted length."""
    match = TRUNCATED_BODY_PATTERN.fullmatch(text)
    if not match:
        return text
    start, length = match[1], int(match[2])
    end = '"' + "}" * (start.count("{") - start.count("}"))
    return start + start[-1] * (length - len(start) - len(end)) + end


def _decode(text: str) -> bytes:
    if text.startswith(BASE64_PREFIX):
        return base64.b64decode(text.removeprefix(BASE64_PREFIX))
    return text.encode()


class LiveKitReplayAdapter:
    """Replays LiveKit's recordings."""

    id_pattern = re.compile(r"[A-Z]{2,3}_\w+")

    def __init__(self) -> None:
        self._redis_connected = True

    def error_kind(self, body: Any) -> Any:
        """The Twirp code, and the message without generated ids."""
        if not isinstance(body, dict) or "code" not in body:
            return None
        return body["code"], self.id_pattern.sub("<id>", str(body.get("msg", "")))

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Let the participants join and publish the tracks that the recorded response contains."""
        body = exchange.response.json()
        self._prepare_redis(exchange, http)
        if not isinstance(body, dict):
            return
        if exchange.path.endswith("SIPParticipant"):
            _prepare_sip_peer(body, http)
        room = _request_body(exchange).get("room")
        if exchange.response.status == 200 and room is not None:
            for participant in _participants(body):
                _join(room, participant, http)

    def _prepare_redis(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        connected = b"redis required" not in exchange.response.body
        if connected != self._redis_connected:
            self._redis_connected = connected
            set_provider_state(http, "Redis", {"connected": connected})

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """Sign the token for the stub: an expired one stays expired, a forged one stays forged."""
        in_query = re.search(r"access_token=([^&]+)", exchange.path)
        if in_query:
            token = _sign_again(in_query[1], exchange)
            return replace(exchange, path=exchange.path.replace(in_query[1], token))
        authorization = exchange.headers.get("authorization", "")
        recorded_token = authorization.removeprefix("Bearer ")
        if recorded_token.count(".") != 2:
            return exchange
        authorization = authorization.replace(recorded_token, _sign_again(recorded_token, exchange))
        return replace(exchange, headers={**exchange.headers, "authorization": authorization})


def _prepare_sip_peer(body: dict[str, Any], http: httpx.Client) -> None:
    """Make the remote party do what it did: the recorded response contains its SIP status."""
    params = {
        "status": int(body.get("meta", {}).get("sip_status_code", 0)),
        "answers": not str(body.get("msg")).endswith("timed out"),
        "worker": body.get("code") != "unavailable",
        "refuses_transfer": "call transfer failed" not in str(body.get("msg")),
    }
    set_provider_state(http, "a SIP peer", params)


def _participants(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The participants that a response contains, or the one that it is."""
    is_participant = "identity" in body and "joined_at" in body
    return body.get("participants") or ([body] if is_participant else [])


def _join(room: str, participant: dict[str, Any], http: httpx.Client) -> None:
    params = {"room": room, **{name: participant[name] for name in PARTICIPANT_FIELDS}}
    set_provider_state(http, "a participant in a room", params)
    for track in participant["tracks"]:
        params = {"room": room, "identity": participant["identity"], "name": track["name"]}
        set_provider_state(http, "a published track", params)


def _sign_again(token: str, exchange: RecordedExchange) -> str:
    """The token with its times moved to now, the stub's key, and a signature as valid as the recorded one."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False, "verify_aud": False})
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        return token
    age = time.time() - parsedate_to_datetime(exchange.response.headers["date"]).timestamp()
    claims |= {name: int(claims[name] + age) for name in ("exp", "nbf", "iat") if name in claims}
    if claims.get("iss") == RECORDED_API_KEY:
        claims["iss"] = API_KEY
    is_forged = b"signature is invalid" in exchange.response.body and header["alg"] == "HS256"
    secret = WRONG_SECRET if is_forged else API_SECRET
    return jwt.api_jws.encode(
        json.dumps(claims).encode(), None if header["alg"] == "none" else secret, algorithm=header["alg"]
    )


def _request_body(exchange: RecordedExchange) -> dict[str, Any]:
    try:
        body = json.loads(exchange.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
