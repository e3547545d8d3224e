"""Reads a Pact Broker (ours, the official one or PactFlow) over its HAL interface."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx

ACCEPT = {"Accept": "application/hal+json, application/json"}
TIMEOUT = 20.0
"""Seconds one request to the broker may take."""


class BrokerError(Exception):
    """The broker does not answer, or not as a Pact Broker does."""


class BrokerClient:
    """A broker at a URL, with the credentials of the environment.

    `PACT_BROKER_TOKEN`, or `PACT_BROKER_USERNAME` and `PACT_BROKER_PASSWORD`: the same as the official CLI's.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(timeout=TIMEOUT, headers={**ACCEPT, **_bearer()}, auth=_basic())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """A resource by path or absolute link, or None when the broker has none there.

        Raises:
            BrokerError: the broker cannot be reached, or answered something else than the resource.
        """
        return self._answer("GET", path)

    def pacts_for_verification(
        self, provider: str, branch: str, selectors: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """The pact documents the broker chooses for a provider, as its verifier would get them.

        Raises:
            BrokerError: as for `get`.
        """
        body = {"consumerVersionSelectors": list(selectors), "providerVersionBranch": branch}
        chosen = (
            self._answer("POST", f"/pacts/provider/{encode_path_segment(provider)}/for-verification", body)
            or {}
        )
        links = [pact["_links"]["self"]["href"] for pact in chosen.get("_embedded", {}).get("pacts", [])]
        return [pact for pact in map(self.get, links) if pact]

    def latest_verification_result(
        self, consumer: tuple[str, str], provider: tuple[str, str]
    ) -> dict[str, Any] | None:
        """The newest result of a provider's version for the pact of a consumer's version, or None when there is none.

        Args:
            consumer: its name and version.
            provider: its name and version.

        Raises:
            BrokerError: as for `get`; also when the broker does not know one of the names.
        """
        asked = [item for name, version in (consumer, provider) for item in _selector(name, version)]
        matrix = self.get(f"/matrix?{urlencode([*asked, ('latestby', 'cvpv')])}") or {}
        found = [row["verificationResult"] for row in matrix.get("matrix", ()) if row["verificationResult"]]
        return self.get(found[0]["_links"]["self"]["href"]) if found else None

    def _answer(self, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
        url = path if path.startswith("http") else self.url + path
        try:
            response = self._http.request(method, url, json=body)
        except httpx.HTTPError as error:
            raise BrokerError(f"the broker at {self.url} does not answer: {error}") from error
        if response.status_code == 404:
            return None
        if response.is_error:
            raise BrokerError(
                f"the broker at {self.url} answered {response.status_code} to {method} {path.partition('?')[0]}"
                f"{_reasons(response)}"
            )
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise BrokerError(f"what answers at {self.url} is no Pact Broker: no JSON at {path}")
        return answer


def _selector(name: str, version: str) -> list[tuple[str, str]]:
    return [("q[][pacticipant]", name), ("q[][version]", version)]


def encode_path_segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def _reasons(response: httpx.Response) -> str:
    """What a broker says is wrong with a request."""
    try:
        errors = response.json()["errors"]
    except (ValueError, KeyError, TypeError):
        return ""
    texts = errors if isinstance(errors, list) else [f"{name}: {text}" for name, text in dict(errors).items()]
    return f": {'; '.join(map(str, texts))}"


def _bearer() -> dict[str, str]:
    token = os.environ.get("PACT_BROKER_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _basic() -> httpx.BasicAuth | None:
    name = os.environ.get("PACT_BROKER_USERNAME")
    if not name or os.environ.get("PACT_BROKER_TOKEN"):
        return None
    return httpx.BasicAuth(name, os.environ.get("PACT_BROKER_PASSWORD", ""))
