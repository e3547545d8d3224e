"""The stub vendors, driven over their control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class StubClient:
    """One stub. `touched` is whether anything may be in it that a test should not find.

    Args:
        name: the vendor's.
        url: where the stub is.
        http: a client for all stubs.
    """

    def __init__(self, name: str, url: str, http: httpx.Client) -> None:
        self.name = name
        self.url = url
        self.dirty = True
        self._http = http

    def given(self, state: str, /, **params: Any) -> None:
        """Make a provider state true."""
        self._post("states", {"state": state, "params": params})

    def inject_fault(self, kind: str, operation: str = "*", **how: Any) -> None:
        """Play a fault with the next answers."""
        self._post("faults", {"kind": kind, "operation": operation, **how})

    def clear_faults(self) -> None:
        """End all faults."""
        self._http.delete(f"{self.url}/_stub/faults").raise_for_status()

    def reset(self) -> None:
        """Begin anew."""
        self._post("reset", {})
        self.dirty = False

    def journal(self) -> list[dict[str, Any]]:
        """All that the stub saw, with the interactions of the pacts that each request is."""
        found: list[dict[str, Any]] = self._get("requests")
        self.dirty |= found != []
        return found

    def requests(self, operation: str | None = None) -> list[dict[str, Any]]:
        """What a test asks about: not the one request whose token is older than the last reset, and so refused."""
        return [
            one for one in self.journal() if one["status"] != 401 and operation in (None, one["operation"])
        ]

    def interactions(self) -> list[str]:
        """All that the pacts describe."""
        found: list[str] = self._get("interactions")
        return found

    def message(self, description: str) -> bytes:
        """A message as the vendor sends it."""
        return self._post("messages", {"description": description}).content

    def _get(self, what: str) -> Any:
        return self._http.get(f"{self.url}/_stub/{what}").raise_for_status().json()

    def _post(self, what: str, body: Mapping[str, Any]) -> httpx.Response:
        self.dirty = True
        answer = self._http.post(f"{self.url}/_stub/{what}", json=body)
        assert answer.is_success, f"{self.name}: {answer.text}"
        return answer


class StubClients:
    """All stubs."""

    def __init__(self, urls: Mapping[str, str], http: httpx.Client) -> None:
        self.all = {name: StubClient(name, url, http) for name, url in urls.items()}
        self.apaleo = self.all["apaleo"]
        self.tts = self.all["tts"]
        self.livekit = self.all["livekit"]
        self.mews = self.all["mews"]
