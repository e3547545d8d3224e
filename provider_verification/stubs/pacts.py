"""Which requests a vendor's pacts describe: operations, and the query parameters each is called with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from provider_verification.stubs.contract import Contract, ContractError

PACTS = Path(__file__).parents[2] / "pacts"


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
        self._known: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
        for file in sorted(folder.glob("*.json")):
            try:
                pact = json.loads(file.read_text(encoding="utf-8"))
                if pact["provider"]["name"] == vendor:
                    self._read(pact, contract)
            except (ValueError, LookupError, TypeError, AttributeError):
                raise ContractError(f"{file} is no pact: run 'make pact-consumer'") from None

    def covers(self, operation: str, query: Iterable[str]) -> bool:
        """Whether an interaction calls the operation with these query parameters."""
        return frozenset(query) in self._known[operation]

    def _read(self, pact: dict[str, list[dict[str, dict[str, str]]]], contract: Contract) -> None:
        for interaction in pact["interactions"]:
            request = interaction.get("request")
            found = contract.find(request["method"], request["path"]) if request else None
            if request and found:
                self._known[found[0].name].add(frozenset(request.get("query", ())))
