"""What a vendor's pacts describe: operations, what each is called with, and how it is answered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provider_verification.stubs.contract import Contract, ContractError

PACTS = Path(__file__).parents[2] / "pacts"


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes two exchanges the same to a contract: names of query parameters and of the body's members, and the status."""

    query: frozenset[str]
    body: frozenset[str]
    status: int

    def likeness(self, other: Shape) -> int:
        """How many of the three are the same."""
        return (self.query == other.query) + (self.body == other.body) + (self.status == other.status)


class Described:
    """What the pacts of a vendor describe.

    Args:
        vendor: the provider's name in the pacts.
        contract: finds the operation of a request.
        folder: holds the pacts.

    Raises:
        ContractError: a file in it is no pact.
    """

    def __init__(self, vendor: str, contract: Contract, folder: Path = PACTS) -> None:
        self._known: defaultdict[str, list[tuple[str, Shape]]] = defaultdict(list)
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

    def covers(self, operation: str, query: Iterable[str]) -> bool:
        """Whether an interaction calls the operation with these query parameters."""
        names = frozenset(query)
        return any(shape.query == names for _, shape in self._known[operation])

    def matching(self, operation: str, shape: Shape) -> list[str]:
        """The interactions that an exchange of this shape is.

        A refused credential is the same whatever was called with it: any interaction that describes 401 will do.
        """
        known = [one for every in self._known.values() for one in every]
        if shape.status == 401:
            return [description for description, other in known if other.status == 401][:1]
        return [description for description, other in self._known[operation] if other == shape]

    def nearest(self, operation: str, shape: Shape) -> str | None:
        """The interaction of the operation that is most like an exchange that is none of them."""
        known = sorted(self._known[operation], key=lambda one: -one[1].likeness(shape))
        return known[0][0] if known else None

    def _read(self, pact: Mapping[str, list[dict[str, Any]]], contract: Contract) -> None:
        for interaction in pact["interactions"]:
            request = interaction.get("request")
            found = contract.find(request["method"], request["path"]) if request else None
            if request and found:
                content = request.get("body", {}).get("content")
                shape = Shape(
                    frozenset(request.get("query", ())), members(content), interaction["response"]["status"]
                )
                self._known[found[0].name].append((interaction["description"], shape))


def members(body: Any) -> frozenset[str]:
    """The names in a JSON object; none for anything else."""
    return frozenset(body) if isinstance(body, dict) else frozenset()


def shape_of(seen: Mapping[str, Any]) -> Shape:
    """The shape of a request that a stub remembers."""
    try:
        body = json.loads(seen["body"]) if seen["body"] else None
    except ValueError:
        body = None
    return Shape(frozenset(seen["query"]), members(body), seen["status"])
