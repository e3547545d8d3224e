"""The time of a call that cannot be avoided: bare FastAPI routes and the vendor requests, sent by a plain httpx client.

The requests are those that the service really sent for a call, read from the stubs' journals, and they go to the same
stubs. In the benchmark's call each depends on the one before: data is sent into a room that is open, and says what the
offers are. So they are sent one after the other, as the service does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from orchestrator.vendors.livekit.tokens import AccessTokenFactory
from provider_verification.stubs.engine.sent_request import MAX_BODY_SAMPLE_BYTES
from provider_verification.stubs.vendors.apaleo.state import CLIENT_ID, CLIENT_SECRET
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.tts.state import API_KEY as TTS_API_KEY

JournalEntry = dict[str, Any]
SENT_BY_HTTPX = frozenset({"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"})
MASKED = frozenset({"authorization", "xi-api-key"})


class Floor:
    """Sends what a call needs without the service.

    Args:
        bare: a client of the bare route.
        stubs: the URL of each stub.
    """

    def __init__(self, bare: httpx.Client, stubs: Mapping[str, str]) -> None:
        self._bare = bare
        self._stubs = stubs
        self._vendors = httpx.Client()
        self._requests: list[tuple[str, JournalEntry]] = []

    def forget_requests(self) -> None:
        """Clear the journals, before the call that `read_requests` reads."""
        for url in self._stubs.values():
            self._vendors.delete(f"{url}/_stub/requests").raise_for_status()

    def read_requests(self) -> int:
        """Read the requests since `forget_requests`, which all calls need alike, and return their number."""
        requests: list[tuple[str, JournalEntry]] = []
        for vendor, url in self._stubs.items():
            entries = self._vendors.get(f"{url}/_stub/requests").raise_for_status().json()
            requests += [(vendor, entry) for entry in entries]
        # all stubs have one clock
        self._requests = sorted(requests, key=lambda request: request[1]["received_at"])
        if any(len(entry["body"]) >= MAX_BODY_SAMPLE_BYTES for _, entry in requests):
            raise AssertionError("the journal holds only the start of a body, which cannot be sent again")
        return len(requests)

    def seconds(self, events: Sequence[dict[str, Any]]) -> float:
        """Return the seconds of a call: a bare route for each event, and its vendor requests."""
        # credentials are made before, because a client could keep them
        requests = [self._arguments(vendor, entry) for vendor, entry in self._requests]
        started = time.perf_counter()
        for event in events:
            self._bare.post("/webhook/call-event", json=event).raise_for_status()
        for arguments in requests:
            self._vendors.request(**arguments).raise_for_status()
        return time.perf_counter() - started

    def _arguments(self, vendor: str, entry: JournalEntry) -> dict[str, Any]:
        headers = {
            name: value for name, value in entry["headers"].items() if name not in SENT_BY_HTTPX | MASKED
        }
        return {
            "method": entry["method"],
            "url": self._stubs[vendor] + entry["path"],
            "params": entry["query"],
            "headers": headers | self._credential(vendor, entry),
            "content": entry["body"] or None,
        }

    def _credential(self, vendor: str, entry: JournalEntry) -> dict[str, str]:
        if vendor == "tts":
            return {"xi-api-key": TTS_API_KEY}
        if vendor == "livekit":
            room = json.loads(entry["body"]).get("room", "")
            grants = {"roomCreate": True, "roomAdmin": True, "room": room}
            return {"authorization": f"Bearer {AccessTokenFactory(API_KEY, API_SECRET).create(video=grants)}"}
        return {"authorization": f"Bearer {self._apaleo_token()}"}

    def _apaleo_token(self) -> str:
        response = self._vendors.post(
            f"{self._stubs['apaleo']}/connect/token",
            data={"grant_type": "client_credentials"},
            auth=(CLIENT_ID, CLIENT_SECRET),
        )
        token: str = response.raise_for_status().json()["access_token"]
        return token
