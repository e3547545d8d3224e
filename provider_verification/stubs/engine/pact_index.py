"""What a vendor's pacts describe: operations, what each is called with, and how it is answered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.openapi import ContractError, OpenApiContract

PACTS = Path(__file__).parents[3] / "pacts"


@dataclass(frozen=True, slots=True)
class RequestShape:
    """What makes two exchanges the same to a contract: names of query parameters and of the body's members, and the status."""

    query: frozenset[str]
    body: frozenset[str]
    status: int

    def similarity(self, other: RequestShape) -> int:
        """How many of the three are the same."""
        return (self.query == other.query) + (self.body == other.body) + (self.status == other.status)


class PactIndex:
    """What the pacts of a vendor describe.

    Args:
        vendor: the provider's name in the pacts.
        contract: finds the operation of a request.
        folder: holds the pacts.

    Raises:
        ContractError: a file in it is no pact.
    """

    def __init__(self, vendor: str, contract: OpenApiContract, folder: Path = PACTS) -> None:
        self._known: defaultdict[str, list[tuple[str, RequestShape]]] = defaultdict(list)
        for file in sorted(folder.glob("*.json")):
            try:
                pact = json.loads(file.read_text(encoding="utf-8"))
                if pact["provider"]["name"] == vendor:
                    self._read(pact, contract)
            except (ValueError, LookupError, TypeError, AttributeError):
                raise ContractError(f"{file} is no pact: run 'make pact-consumer'") from None

    @property
    def descriptions(self) -> list[str]:
        """All interactions over HTTP."""
        return [description for known in self._known.values() for description, _ in known]

    def has_interaction(self, operation: str, query: Iterable[str]) -> bool:
        """Whether an interaction calls the operation with these query parameters."""
        names = frozenset(query)
        return any(shape.query == names for _, shape in self._known[operation])

    def matching(self, operation: str, shape: RequestShape) -> list[str]:
        """The interactions that an exchange of this shape is.

        A refused credential is the same whatever was called with it: any interaction that describes 401 will do.
        """
        known = [one for every in self._known.values() for one in every]
        if shape.status == 401:
            return [description for description, other in known if other.status == 401][:1]
        return [description for description, other in self._known[operation] if other == shape]

    def nearest(self, operation: str, shape: RequestShape) -> str | None:
        """The interaction of the operation that is most like an exchange that is none of them."""
        known = sorted(self._known[operation], key=lambda one: -one[1].similarity(shape))
        return known[0][0] if known else None

    def _read(self, pact: Mapping[str, list[dict[str, Any]]], contract: OpenApiContract) -> None:
        for interaction in pact["interactions"]:
            request = interaction.get("request")
            found = contract.match_operation(request["method"], request["path"]) if request else None
            if request and found:
                content = request.get("body", {}).get("content")
                shape = RequestShape(
                    frozenset(request.get("query", ())),
                    object_keys(content),
                    interaction["response"]["status"],
                )
                self._known[found[0].operation_id].append((interaction["description"], shape))


def object_keys(body: Any) -> frozenset[str]:
    """The names in a JSON object; none for anything else."""
    return frozenset(body) if isinstance(body, dict) else frozenset()


def shape_of(seen: Mapping[str, Any]) -> RequestShape:
    """The shape of a request that a stub remembers."""
    try:
        body = json.loads(seen["body"]) if seen["body"] else None
    except ValueError:
        body = None
    return RequestShape(frozenset(seen["query"]), object_keys(body), seen["status"])
