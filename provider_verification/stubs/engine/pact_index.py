"""The interactions of a vendor's pacts, indexed by operation and request signature."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.openapi import OpenApiContract
from provider_verification.stubs.engine.schema_files import ContractError

PACTS = Path(__file__).parents[3] / "pacts"


@dataclass(frozen=True, slots=True)
class RequestSignature:
    """What identifies an interaction of an operation: names of query parameters and body members, and the status."""

    query: frozenset[str]
    body: frozenset[str]
    status: int

    def similarity(self, other: RequestSignature) -> int:
        """Return how many of the three parts are equal, 0 to 3."""
        return (self.query == other.query) + (self.body == other.body) + (self.status == other.status)


class PactIndex:
    """The HTTP interactions of a vendor.

    Args:
        vendor: the provider's name in the pacts.
        contract: determines the operation of a request.
        folder: holds the pacts.

    Raises:
        ContractError: a file in the folder is not a pact.
    """

    def __init__(self, vendor: str, contract: OpenApiContract, folder: Path = PACTS) -> None:
        self._interactions: defaultdict[str, list[tuple[str, RequestSignature]]] = defaultdict(list)
        for file in sorted(folder.glob("*.json")):
            try:
                pact = json.loads(file.read_text(encoding="utf-8"))
                if pact["provider"]["name"] == vendor:
                    self._add_pact(pact, contract)
            except (ValueError, LookupError, TypeError, AttributeError):
                raise ContractError(f"{file} is not a pact: run 'make pact-consumer'") from None

    @property
    def descriptions(self) -> list[str]:
        """The descriptions of all interactions."""
        return [description for description, _ in self._all()]

    def has_interaction(self, operation: str, query: Iterable[str]) -> bool:
        """Return whether an interaction of the operation has exactly these query parameters."""
        names = frozenset(query)
        return any(signature.query == names for _, signature in self._interactions.get(operation, ()))

    def matching(self, operation: str, signature: RequestSignature) -> list[str]:
        """Return the descriptions of the interactions with this operation and signature.

        A 401 does not depend on the operation: it matches any interaction with status 401.
        """
        if signature.status == 401:
            return [description for description, other in self._all() if other.status == 401][:1]
        interactions = self._interactions.get(operation, ())
        return [description for description, other in interactions if other == signature]

    def nearest(self, operation: str, signature: RequestSignature) -> str | None:
        """Return the description of the operation's most similar interaction, or None if it has none."""
        interactions = self._interactions.get(operation, ())
        best = max(interactions, key=lambda interaction: interaction[1].similarity(signature), default=None)
        return best[0] if best else None

    def _all(self) -> list[tuple[str, RequestSignature]]:
        return [interaction for interactions in self._interactions.values() for interaction in interactions]

    def _add_pact(self, pact: Mapping[str, list[dict[str, Any]]], contract: OpenApiContract) -> None:
        for interaction in pact["interactions"]:
            request = interaction.get("request")
            match = contract.match_operation(request["method"], request["path"]) if request else None
            # Messages have no request; a request without an operation is reported by the verification.
            if request and match:
                content = request.get("body", {}).get("content")
                signature = RequestSignature(
                    frozenset(request.get("query", ())),
                    object_keys(content),
                    interaction["response"]["status"],
                )
                self._interactions[match[0].operation_id].append((interaction["description"], signature))


def object_keys(body: Any) -> frozenset[str]:
    """Return the member names of a JSON object; an empty set for any other value."""
    return frozenset(body) if isinstance(body, dict) else frozenset()


def signature_of(entry: Mapping[str, Any]) -> RequestSignature:
    """Return the signature of a request in the journal."""
    try:
        body = json.loads(entry["body"]) if entry["body"] else None
    except ValueError:
        body = None
    return RequestSignature(frozenset(entry["query"]), object_keys(body), entry["status"])
