"""Requests to a broker: credentials, retries, and errors that name the request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from broker.domain.json_document import decode_json, encode_json
from broker.transfer.steps import TransferError

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 60.0
PAGE_SIZE = 100
MAX_PAGES = 100_000
EXCERPT = 300
MERGE_PATCH = "application/merge-patch+json"
HEADERS = {"Accept": "application/hal+json, application/json"}


def client_of(url: str, environment: Mapping[str, str]) -> httpx.AsyncClient:
    """Return a client of a broker, with the credentials that the official clients read from the environment.

    Args:
        url: the broker's base URL.
        environment: `PACT_BROKER_TOKEN`, or `PACT_BROKER_USERNAME` and `PACT_BROKER_PASSWORD`, if the broker needs them.

    Raises:
        TransferError: The URL is not one of HTTP, or contains credentials.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TransferError(f"'{url}' is not the URL of a broker, such as https://broker.example.org")
    if parts.username or parts.password:
        raise TransferError(
            "give credentials by PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD, not in the URL"
        )
    headers = dict(HEADERS)
    auth = None
    if token := environment.get("PACT_BROKER_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    elif username := environment.get("PACT_BROKER_USERNAME"):
        auth = httpx.BasicAuth(username, environment.get("PACT_BROKER_PASSWORD", ""))
    return httpx.AsyncClient(
        base_url=url.rstrip("/"), headers=headers, auth=auth, timeout=TIMEOUT_SECONDS, follow_redirects=False
    )


def path(*segments: str) -> str:
    """Return a path of percent-encoded segments."""
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


class Connection:
    """Sends requests to one broker, again after errors that pass.

    Args:
        client: a client whose base URL is the broker's.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    def target_of(self, link: dict[str, Any]) -> str:
        """Return the path and query of a link: behind a proxy its host may be one that is not reachable."""
        parts = urlsplit(link["href"])
        context = self._client.base_url.path.rstrip("/")
        target = parts.path.removeprefix(context)
        return f"{target}?{parts.query}" if parts.query else target

    async def get(self, target: str, *, missing_ok: bool = False) -> Any:
        """Return the JSON of a resource; None if it does not exist and may be missing.

        Raises:
            TransferError: The broker does not respond, or not with success.
        """
        response = await self._send("GET", target)
        if missing_ok and response.status_code == 404:
            return None
        return self._json(response)

    async def pages(self, target: str, name: str) -> AsyncIterator[dict[str, Any]]:
        """Yield all items of an embedded list, page by page."""
        separator = "&" if "?" in target else "?"
        for page in range(1, MAX_PAGES):
            body = await self.get(f"{target}{separator}page={page}&size={PAGE_SIZE}")
            items = body.get("_embedded", {}).get(name, [])
            for item in items:
                yield item
            # a broker that does not page this list returns all of it
            if len(items) != PAGE_SIZE:
                return

    async def write(self, method: str, target: str, body: Any, content_type: str = "application/json") -> Any:
        """Send a JSON body and return the JSON of the response.

        Raises:
            TransferError: The broker does not respond, or not with success.
        """
        # the broker's own encoder keeps numbers as they were sent
        content = encode_json(body).encode()
        headers = {"Content-Type": content_type}
        return self._json(await self._send(method, target, content=content, headers=headers))

    async def _send(self, method: str, target: str, **options: Any) -> httpx.Response:
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = await self._client.request(method, target, **options)
            except httpx.TransportError as error:
                problem = f"{type(error).__name__} {error}".strip()
            else:
                if response.status_code < 500 and response.status_code not in {408, 429}:
                    return response
                problem = _describe(response)
            if attempt < ATTEMPTS:
                # the pause of the official clients, which brokers expect
                await asyncio.sleep(pause)
                pause *= 2
        raise TransferError(f"{method} {target} failed {ATTEMPTS} times: {problem}")

    def _json(self, response: httpx.Response) -> Any:
        request = response.request
        if response.status_code == 401:
            raise TransferError(
                f"{request.url} wants credentials: set PACT_BROKER_TOKEN, or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD"
            )
        if not response.is_success:
            raise TransferError(f"{request.method} {request.url} is refused: {_describe(response)}")
        try:
            return decode_json(response.content) if response.content else {}
        except ValueError:
            raise TransferError(
                f"{request.method} {request.url} does not return JSON: is it a broker?"
            ) from None


def _describe(response: httpx.Response) -> str:
    return f"{response.status_code} {response.text[:EXCERPT]}".strip()
