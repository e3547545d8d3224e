"""HTTP client of the orchestrator."""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

TIMEOUT_SECONDS = 300.0
"""Longer than the vendor deadline of the service under test."""


MAX_SENT_REQUESTS = 20


@dataclass(frozen=True)
class SentRequest:
    """A request of the running test and the status it got."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    status: int
    correlation_id: str


SENT_REQUESTS: deque[SentRequest] = deque(maxlen=MAX_SENT_REQUESTS)
"""The latest requests of the running test, for the report of a failure."""


class ApiClient:
    """A client of the orchestrator with fixed credentials.

    Args:
        url: the orchestrator's base URL.
        headers: sent with every request, such as the credentials.
        timeout: seconds to wait for a connection or for bytes.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str] | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self.url = url
        self.headers = dict(headers or {})
        self.http = httpx.Client(base_url=url, headers=self.headers, timeout=timeout, verify=_certificates())
        self.http.event_hooks = {"response": [_remember]}

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET request."""
        return self.http.get(path, **options)

    def get_json(self, path: str, **options: Any) -> Any:
        """Send a GET request that must succeed; return the response body."""
        response = self.get(path, **options)
        assert response.is_success, f"GET {path}: {response.status_code} {response.text}"
        return response.json()

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a POST request with a JSON body."""
        return self.http.post(path, json=body, **options)

    def delete(self, path: str) -> httpx.Response:
        """Send a DELETE request."""
        return self.http.delete(path)

    def post_event(self, event: Mapping[str, Any]) -> httpx.Response:
        """Send a call event."""
        return self.post("/webhook/call-event", event)

    def send_event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Send a call event that must be accepted; return the response body."""
        response = self.post_event(event)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


@cache
def _certificates() -> ssl.SSLContext:
    """Return what httpx would read again for each of the hundreds of clients."""
    return httpx.create_ssl_context()


def concurrent_client(api: ApiClient) -> httpx.AsyncClient:
    """Return a client with the same credentials that sends any number of requests at once."""
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=api.url, headers=api.headers, timeout=TIMEOUT_SECONDS, limits=limits)


def _remember(response: httpx.Response) -> None:
    request = response.request
    body = request.content.decode(errors="replace")
    correlation_id = response.headers.get("X-Correlation-ID", "none")
    sent = SentRequest(
        request.method, str(request.url), dict(request.headers), body, response.status_code, correlation_id
    )
    SENT_REQUESTS.append(sent)


def bearer(token: str) -> dict[str, str]:
    """Return the header that authenticates a user."""
    return {"Authorization": f"Bearer {token}"}
