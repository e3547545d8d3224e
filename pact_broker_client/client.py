"""HTTP client for a Pact Broker (the embedded one, the official one or PactFlow) over its HAL interface."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from functools import cache
from typing import Any, Self
from urllib.parse import quote

import httpx

ACCEPT = {"Accept": "application/hal+json, application/json"}
TIMEOUT_SECONDS = 20.0
"""Limit for one request to the broker."""


class BrokerError(Exception):
    """The broker does not respond, or its response is not that of a Pact Broker."""


class BrokerClient:
    """A broker at a URL, with the credentials of the environment.

    The credentials are `PACT_BROKER_TOKEN`, or `PACT_BROKER_USERNAME` and `PACT_BROKER_PASSWORD`, as for the official CLI.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            timeout=TIMEOUT_SECONDS,
            headers={**ACCEPT, **_bearer()},
            auth=_basic(),
            verify=_trusted_authorities(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """Return a resource by path or absolute link, None if the broker has none there.

        Raises:
            BrokerError: if the broker cannot be reached, or responds with something else than the resource.
        """
        return self._request("GET", path)

    def version(self, pacticipant: str, number: str) -> dict[str, Any] | None:
        """Return a version of a pacticipant, None if the broker does not know it.

        Raises:
            BrokerError: as for `get`.
        """
        return self.get(
            f"/pacticipants/{encode_path_segment(pacticipant)}/versions/{encode_path_segment(number)}"
        )

    def pact_url(self, consumer: tuple[str, str], provider: str) -> str:
        """Return the URL of the pact between a consumer's version and a provider.

        Args:
            consumer: the consumer's name and version.
            provider: the provider's name.
        """
        names = {"provider": provider, "consumer": consumer[0], "version": consumer[1]}
        segments = [f"{role}/{encode_path_segment(name)}" for role, name in names.items()]
        return f"{self.url}/pacts/{'/'.join(segments)}"

    def pacts_for_verification(
        self, provider: str, branch: str, selectors: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the pact documents that the broker selects for a provider.

        Args:
            provider: the provider's name.
            branch: the provider's branch.
            selectors: consumer version selectors.

        Raises:
            BrokerError: as for `get`.
        """
        body = {"consumerVersionSelectors": list(selectors), "providerVersionBranch": branch}
        path = f"/pacts/provider/{encode_path_segment(provider)}/for-verification"
        selected = (self._request("POST", path, body) or {}).get("_embedded", {}).get("pacts", [])
        pacts = (self.get(pact["_links"]["self"]["href"]) for pact in selected)
        # a pact may be deleted between the two requests
        return [pact for pact in pacts if pact]

    def _request(self, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
        # links of a broker are absolute
        url = path if path.startswith("http") else self.url + path
        try:
            response = self._http.request(method, url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BrokerError(f"the broker at {self.url} does not respond: {error}") from error
        if response.status_code == 404:
            return None
        if response.is_error:
            route = f"{method} {path.partition('?')[0]}"
            reasons = _error_reasons(response)
            raise BrokerError(
                f"the broker at {self.url} responded {response.status_code} to {route}{reasons}"
            )
        try:
            resource = response.json()
        except ValueError:
            resource = None
        if not isinstance(resource, dict):
            raise BrokerError(f"the server at {self.url} is not a Pact Broker: no JSON at {path}")
        return resource


def encode_path_segment(name: str) -> str:
    """Return a name as one segment of a path."""
    return quote(name, safe="")


def _error_reasons(response: httpx.Response) -> str:
    try:
        errors = response.json()["errors"]
    except (ValueError, KeyError, TypeError):
        return ""
    texts = errors if isinstance(errors, list) else [f"{name}: {text}" for name, text in dict(errors).items()]
    return f": {'; '.join(map(str, texts))}"


@cache
def _trusted_authorities() -> ssl.SSLContext:
    # shared by all clients, because reading the certificates takes 50 ms
    return httpx.create_ssl_context()


def _bearer() -> dict[str, str]:
    token = os.environ.get("PACT_BROKER_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _basic() -> httpx.BasicAuth | None:
    name = os.environ.get("PACT_BROKER_USERNAME")
    # a token wins over a user name, as for the official CLI
    if not name or os.environ.get("PACT_BROKER_TOKEN"):
        return None
    return httpx.BasicAuth(name, os.environ.get("PACT_BROKER_PASSWORD", ""))
