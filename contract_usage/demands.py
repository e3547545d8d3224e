"""What the pacts demand: for each exchange its interactions, and the fields that each of them demands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract_usage.exchanges import Exchange, http_exchange, message_exchange
from contract_usage.paths import HEADER, leaves

PACTS = Path("pacts")
CONTENT_TYPE = "content-type"


@dataclass(frozen=True, slots=True)
class Interaction:
    """An interaction of a pact, with the paths of the values and headers that it demands."""

    description: str
    paths: frozenset[str]


Demands = dict[Exchange, list[Interaction]]


def read_demands(folder: Path = PACTS) -> Demands:
    """Return what the pacts of a folder demand.

    Every value of an example is demanded: its matching rules only say how it is compared.
    """
    demands: Demands = {}
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for exchange, interaction in _interactions(document):
            demands.setdefault(exchange, []).append(interaction)
    return demands


def _interactions(document: dict[str, Any]) -> Iterator[tuple[Exchange, Interaction]]:
    vendor = document["provider"]["name"]
    for interaction in document["interactions"]:
        if interaction["type"] == "Asynchronous/Messages":
            body, headers = interaction["contents"], frozenset[str]()
            exchange = message_exchange(vendor, body["content"])
        else:
            request, response = interaction["request"], interaction["response"]
            body, headers = response.get("body", {}), _demanded_headers(response)
            exchange = http_exchange(vendor, request["method"], request["path"], response["status"])
        yield exchange, Interaction(interaction["description"], headers.union(_demanded_paths(body)))


def _demanded_headers(response: dict[str, Any]) -> frozenset[str]:
    """Return the headers of a response; Pact adds a content type to each that has a body."""
    names = map(str.lower, response.get("headers", {}))
    return frozenset(HEADER + name for name in names if name != CONTENT_TYPE)


def _demanded_paths(body: dict[str, Any]) -> Iterator[str]:
    """Give the paths of a JSON body; audio and text have none."""
    content = body.get("content")
    if "json" not in body.get("contentType", ""):
        return
    # each line of a stream is a document of its own
    documents = list(map(json.loads, content.splitlines())) if isinstance(content, str) else [content]
    for document in documents:
        yield from leaves(document)
