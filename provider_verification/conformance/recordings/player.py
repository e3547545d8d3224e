"""Plays a vendor's recorded exchanges to its stub, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import httpx

from provider_verification.conformance.recordings.exchange import Answer, Exchange, aligned, differences

TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What playing an exchange came to; no differences is good."""

    exchange: Exchange
    differences: tuple[str, ...]


class Dialect(Protocol):
    """What a vendor needs beyond sending the bytes again."""

    code: str
    """The member of an error body that names the error."""

    identifiers: re.Pattern[str]
    """What the vendor's ids look like: the stub has others, which take their place in later requests."""

    def prepare(self, exchange: Exchange, http: httpx.Client) -> None:
        """Make true at the stub what happened at the server outside the recorded exchanges."""

    def freshen(self, exchange: Exchange) -> Exchange:
        """The exchange with credentials that are good, or bad, for the stub as they were for the server."""


def play(exchanges: Iterable[Exchange], dialect: Dialect, url: str) -> Iterator[Outcome]:
    """Play all of them to the stub at a URL."""
    known: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=TIMEOUT) as http:
        for exchange in exchanges:
            dialect.prepare(exchange, http)
            answer = _send(http, _translated(dialect.freshen(exchange), known))
            _learn(exchange.answer.json(), answer.json(), dialect.identifiers, known)
            yield Outcome(exchange, tuple(differences(exchange.answer, answer, code=dialect.code)))


def _send(http: httpx.Client, exchange: Exchange) -> Answer:
    request = http.build_request(
        exchange.method, exchange.path, headers=dict(exchange.headers), content=exchange.body or None
    )
    for name in ("accept", "accept-encoding", "user-agent", "content-type"):
        if name in request.headers and name not in exchange.headers:
            del request.headers[name]
    answer = http.send(request)
    return Answer(
        answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content
    )


def _translated(exchange: Exchange, known: dict[str, str]) -> Exchange:
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
            for one, other in zip(aligned(theirs), aligned(ours), strict=True):
                _learn(one, other, identifiers, known)
    elif isinstance(theirs, str) and isinstance(ours, str) and identifiers.fullmatch(theirs):
        known.setdefault(theirs, ours)
