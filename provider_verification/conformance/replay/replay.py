"""Replay of recorded exchanges against a stub, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import httpx

from provider_verification.conformance.replay.exchange import (
    RecordedExchange,
    RecordedResponse,
    compare_responses,
    in_stable_order,
)

TIMEOUT_SECONDS = 20.0
CLIENT_HEADERS = ("accept", "accept-encoding", "user-agent", "content-type")
"""Headers that httpx adds; the recorded request is sent without those it did not have."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """A replayed exchange and the differences of the stub's response from the recorded one."""

    exchange: RecordedExchange
    differences: tuple[str, ...]


class ReplayAdapter(Protocol):
    """What the replay of a vendor's recordings needs beyond sending the requests again."""

    id_pattern: re.Pattern[str]
    """The form of generated ids, which differ between server and stub and are translated in later requests."""

    def error_kind(self, body: Any) -> Any:
        """What names the error in a JSON body and is the same at server and stub; None for a body that is no error."""

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Set the provider states for what happened at the server outside the recorded exchanges."""

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange with credentials that the stub accepts or rejects as the server did."""


def replay(exchanges: Iterable[RecordedExchange], adapter: ReplayAdapter, url: str) -> Iterator[ReplayResult]:
    """Send every recorded request to the stub at a URL and compare the responses."""
    stub_ids: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS) as http:
        for exchange in exchanges:
            adapter.prepare(exchange, http)
            response = _send(http, _translate_ids(adapter.refresh_credentials(exchange), stub_ids))
            _learn_ids(exchange.response.json(), response.json(), adapter.id_pattern, stub_ids)
            differences = compare_responses(exchange.response, response, error_kind=adapter.error_kind)
            yield ReplayResult(exchange, tuple(differences))


def set_provider_state(http: httpx.Client, name: str, params: dict[str, Any]) -> dict[str, str]:
    """Set a provider state of the stub; return the values it generated."""
    response = http.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
    generated: dict[str, str] = response.json()
    return generated


def _send(http: httpx.Client, exchange: RecordedExchange) -> RecordedResponse:
    request = http.build_request(
        exchange.method, exchange.path, headers=dict(exchange.headers), content=exchange.body or None
    )
    for name in CLIENT_HEADERS:
        if name in request.headers and name not in exchange.headers:
            del request.headers[name]
    response = http.send(request)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return RecordedResponse(response.status_code, headers, response.content)


def _translate_ids(exchange: RecordedExchange, stub_ids: dict[str, str]) -> RecordedExchange:
    """The exchange with the stub's ids in place of the server's."""
    body, path, headers = exchange.body, exchange.path, dict(exchange.headers)
    for server_id, stub_id in stub_ids.items():
        body = body.replace(server_id.encode(), stub_id.encode())
        path = path.replace(server_id, stub_id)
        headers = {name: value.replace(server_id, stub_id) for name, value in headers.items()}
    return replace(exchange, body=body, path=path, headers=headers)


def _learn_ids(recorded: Any, actual: Any, id_pattern: re.Pattern[str], stub_ids: dict[str, str]) -> None:
    """Remember which id of the stub stands where the server's id stood in the recorded response."""
    if isinstance(recorded, dict) and isinstance(actual, dict):
        for name in recorded.keys() & actual.keys():
            _learn_ids(recorded[name], actual[name], id_pattern, stub_ids)
    elif isinstance(recorded, list) and isinstance(actual, list):
        # Lists of different lengths cannot be paired; the comparison reports them.
        if len(recorded) == len(actual):
            for pair in zip(in_stable_order(recorded), in_stable_order(actual), strict=True):
                _learn_ids(*pair, id_pattern, stub_ids)
    elif isinstance(recorded, str) and isinstance(actual, str) and id_pattern.fullmatch(recorded):
        stub_ids.setdefault(recorded, actual)
