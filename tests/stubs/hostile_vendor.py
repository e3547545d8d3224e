"""Hostile values, and a client of a stub that fails on any response which is not the vendor's."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import jwt

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.tts.state import API_KEY as TTS_API_KEY
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN

LONG_TEXT = "x" * 100_000
HOSTILE_TEXTS = [
    "",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff and more",
    LONG_TEXT,
    "2027-02-30",
    "2027-13-01",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "2027-05-10T25:61:00Z",
    "²",
    "٣",
    "9" * 5_000,
    "-1",
    "1e999",
    "NaN",
    "%00",
    "../../etc/passwd",
]
HOSTILE_NUMBERS = [-1, 0, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308]
DEEP_JSON = "[" * 50_000 + "]" * 50_000
DEEP_OBJECT = '{"a":' * 50_000 + "1" + "}" * 50_000
HOSTILE_VALUES = [*HOSTILE_TEXTS, *HOSTILE_NUMBERS, None, True, [], [None], ["x"], {}, {"a": None}]


class Vendor:
    """A running stub, with a credential that may do everything."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.http = httpx.Client(base_url=url, timeout=30.0)

    def reset(self) -> None:
        """Reset the stub and get a credential."""
        self.http.post("/_stub/reset").raise_for_status()
        self.http.headers.update(self._credential())

    def _credential(self) -> dict[str, str]:
        if self.name == "tts":
            return {"xi-api-key": TTS_API_KEY}
        if self.name == "vault":
            return {"X-Vault-Token": ROOT_TOKEN}
        if self.name == "apaleo":
            state = {"state": "an access token", "params": {}}
            token = self.http.post("/_stub/states", json=state).json()["token"]
            return {"Authorization": f"Bearer {token}"}
        if self.name == "livekit":
            video = {"roomCreate": True, "roomList": True, "roomAdmin": True, "room": "call-1"}
            claims = {"iss": API_KEY, "exp": int(time.time()) + 3600, "video": video}
            claims["sip"] = {"admin": True, "call": True}
            return {"Authorization": f"Bearer {jwt.encode(claims, API_SECRET, algorithm='HS256')}"}
        return {}

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request; fail on a stub defect, an unhandled exception, or another error body than the vendor's."""
        response = self.http.request(method, path, **arguments)
        assert b"stub_defect" not in response.content, response.text[:500]
        assert response.text != "Internal Server Error", (method, path, str(arguments)[:500])
        if response.status_code >= 400 and method != "HEAD":
            assert self.is_vendor_error(response), (response.status_code, response.text[:500])
        return response

    def is_vendor_error(self, response: httpx.Response) -> bool:
        """Whether a response has the vendor's error format."""
        # The stub's own answers: what it does not model, and the limits of its server.
        if response.status_code in {413, 431, 501} and self.is_about_the_stub(response):
            return True
        if not response.content:
            return self.name in {"apaleo", "vault"}
        # LiveKit's server responds in plain text to what does not reach Twirp.
        if self.name == "livekit" and response.headers["content-type"].startswith("text/plain"):
            return response.status_code in {401, 404}
        body = response.json() if "json" in response.headers["content-type"] else None
        key = {"apaleo": "messages", "livekit": "code", "mews": "Message", "tts": "detail", "vault": "errors"}
        if self.name == "vault" and response.status_code == 404:
            return isinstance(body, dict)
        return isinstance(body, dict) and (key[self.name] in body or "error" in body)

    @staticmethod
    def is_about_the_stub(response: httpx.Response) -> bool:
        """Whether the response says what the stub lacks or does not take, and nothing about the request."""
        body = response.json() if response.headers.get("content-type") == "application/json" else None
        return isinstance(body, dict) and not {"lacks", "detail"}.isdisjoint(body)

    def send_json(
        self, method: str, path: str, body: Any, media_type: str = "application/json"
    ) -> httpx.Response:
        """Send a JSON body; lone surrogates are escaped, as a client may do."""
        content = body if isinstance(body, str) else json.dumps(body)
        return self.send(method, path, content=content.encode(), headers={"Content-Type": media_type})
