"""Plays a vendor's recorded exchanges to its stub, in their order."""

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

TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What playing an exchange came to; no differences is good."""

    exchange: RecordedExchange
    differences: tuple[str, ...]


class ReplayAdapter(Protocol):
    """What a vendor needs beyond sending the bytes again."""

    error_code_field: str
    """The member of an error body that names the error."""

    id_pattern: re.Pattern[str]
    """What the vendor's ids look like: the stub has others, which take their place in later requests."""

    def prepare(self, exchange: RecordedExchange, http: httpx.Client) -> None:
        """Make true at the stub what happened at the server outside the recorded exchanges."""

    def refresh_credentials(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange with credentials that are good, or bad, for the stub as they were for the server."""


def replay(exchanges: Iterable[RecordedExchange], dialect: ReplayAdapter, url: str) -> Iterator[ReplayResult]:
    """Play all of them to the stub at a URL."""
    known: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=TIMEOUT) as http:
        for exchange in exchanges:
            dialect.prepare(exchange, http)
            answer = _send(http, _translated(dialect.refresh_credentials(exchange), known))
            _learn(exchange.answer.json(), answer.json(), dialect.id_pattern, known)
            yield ReplayResult(
                exchange, tuple(compare_responses(exchange.answer, answer, code=dialect.error_code_field))
            )


def _send(http: httpx.Client, exchange: RecordedExchange) -> RecordedResponse:
    request = http.build_request(
        exchange.method, exchange.path, headers=dict(exchange.headers), content=exchange.body or None
    )
    for name in ("accept", "accept-encoding", "user-agent", "content-type"):
        if name in request.headers and name not in exchange.headers:
            del request.headers[name]
    answer = http.send(request)
    return RecordedResponse(
        answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content
    )


def _translated(exchange: RecordedExchange, known: dict[str, str]) -> RecordedExchange:
    """The request with our ids where the recorded one has the server's."""
    body, path = exchange.body, exchange.path
    for theirs, ours in known.items():
        body, path = body.replace(theirs.encode(), ours.encode()), path.replace(theirs, ours)
    return replace(exchange, body=body, path=path)


def _learn(theirs: Any, ours: Any, identifiers: re.Pattern[str], known: dict[str, str]) -> None:
    """Pair the ids that stand at the same places of both answers."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in theirs.keys() & ours.keys():
            _learn(theirs[name], ours[name], identifiers, known)
    elif isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) == len(ours):
            for one, other in zip(in_stable_order(theirs), in_stable_order(ours), strict=True):
                _learn(one, other, identifiers, known)
    elif isinstance(theirs, str) and isinstance(ours, str) and identifiers.fullmatch(theirs):
        known.setdefault(theirs, ours)
