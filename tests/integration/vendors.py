"""Clients of the stub vendors' control API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from provider_verification.stubs.engine.local_stubs import has_no_requests


class StubClient:
    """Controls one stub vendor; `dirty` says that its state or journal may have changed since the last reset.

    Args:
        name: the vendor's name.
        url: the stub's base URL.
        http: an HTTP client that all stub clients share.
    """

    def __init__(self, name: str, url: str, http: httpx.Client) -> None:
        self.name = name
        self.url = url
        self.dirty = True
        self.exercised_before_reset: set[str] = set()
        """The interactions of requests that a reset has removed from the journal."""
        self._http = http

    def set_provider_state(self, state: str, /, **params: Any) -> None:
        """Set a provider state."""
        self._post("states", {"state": state, "params": params})

    def inject_fault(self, kind: str, operation: str = "*", **options: Any) -> None:
        """Inject a fault into the next responses."""
        self._post("faults", {"kind": kind, "operation": operation, **options})

    def clear_faults(self, correlation_id: str | None = None) -> None:
        """Remove all faults, or those of a correlation id; requests that wait because of them get their response."""
        params = {"correlation_id": correlation_id} if correlation_id else None
        self._http.delete(f"{self.url}/_stub/faults", params=params).raise_for_status()

    def waiting_faults(self) -> list[dict[str, Any]]:
        """Return the faults that no request has got yet, or that further requests will get."""
        faults: list[dict[str, Any]] = self._get("faults")
        return faults

    def reset(self) -> None:
        """Reset state, journal and faults."""
        self.exercised_before_reset |= set(self._post("reset", {}).json()["exercised"])
        self.dirty = False

    def journal(self) -> list[dict[str, Any]]:
        """Return every request since the last reset, with the interactions that describe it."""
        # read after every test, and most of them cause no request to this vendor
        if has_no_requests(self.url):
            return []
        requests: list[dict[str, Any]] = self._get("requests")
        self.dirty |= requests != []
        return requests

    def forget_requests(self) -> None:
        """Empty the journal; the vendor's state stays as it is."""
        self._http.delete(f"{self.url}/_stub/requests").raise_for_status()

    def requests(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the requests, except 401s caused by a token issued before the last reset."""
        return [
            request
            for request in self.journal()
            if request["status"] != 401 and operation in (None, request["operation"])
        ]

    def played_faults(self, operation: str | None = None) -> set[str]:
        """Return the kinds of the faults that requests (of an operation) got; empty if no request arrived."""
        requests = (request for request in self.journal() if operation in (None, request["operation"]))
        return {request["fault"] for request in requests} - {None}

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """Return the JSON bodies of an operation's requests."""
        return [json.loads(request["body"]) for request in self.requests(operation)]

    def interactions(self) -> list[str]:
        """Return the descriptions of all interactions in the vendor's pact."""
        descriptions: list[str] = self._get("interactions")
        return descriptions

    def violations(self) -> list[dict[str, Any]]:
        """Return the requests that broke the vendor's contract."""
        violations: list[dict[str, Any]] = self._get("violations")
        return violations

    def defects(self) -> list[dict[str, Any]]:
        """Return the responses with which the stub broke its own schemas."""
        defects: list[dict[str, Any]] = self._get("defects")
        return defects

    def message(self, description: str) -> bytes:
        """Return a message as the vendor sends it."""
        return self._post("messages", {"description": description}).content

    def _get(self, resource: str) -> Any:
        return self._http.get(f"{self.url}/_stub/{resource}").raise_for_status().json()

    def _post(self, resource: str, body: Mapping[str, Any]) -> httpx.Response:
        self.dirty = True
        response = self._http.post(f"{self.url}/_stub/{resource}", json=body)
        assert response.is_success, f"{self.name}: {response.text}"
        return response


class StubClients:
    """The clients of all stub vendors."""

    def __init__(self, urls: Mapping[str, str], http: httpx.Client) -> None:
        self.all = {name: StubClient(name, url, http) for name, url in urls.items()}
        self.apaleo = self.all["apaleo"]
        self.tts = self.all["tts"]
        self.livekit = self.all["livekit"]
        self.mews = self.all["mews"]
