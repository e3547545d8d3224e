"""The interactions of a vendor's pacts, indexed by operation and request signature."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from provider_verification.stubs.engine.pact_examples import (
    Attribution,
    Example,
    SimilarExamples,
    members_of,
    paths_with,
    values_of,
)
from provider_verification.stubs.engine.pact_files import PACTS, read_interactions

MAX_ATTRIBUTED_BYTES = 1024 * 1024
"""A larger body belongs to no interaction, and takes long to decode."""


class NamedOperation(Protocol):
    """An operation of a vendor's schemas."""

    @property
    def operation_id(self) -> str:
        """Its operationId."""


class OperationMatcher(Protocol):
    """Knows the operations of a vendor, such as the stubs' `OpenApiContract`."""

    def match_operation(self, method: str, path: str) -> tuple[NamedOperation, Any] | None:
        """Return the operation of a request first, or None."""


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

    def __init__(self, vendor: str, contract: OperationMatcher, folder: Path = PACTS) -> None:
        self._interactions: dict[str, dict[RequestSignature, SimilarExamples]] = {}
        interactions = read_interactions(vendor, folder, partial(_read_interaction, contract))
        for operation, signature, example in interactions:
            self._interactions.setdefault(operation, {}).setdefault(signature, SimilarExamples()).add(example)
        self._unauthenticated = [
            example.description for _, signature, example in interactions if signature.status == 401
        ]

    @property
    def descriptions(self) -> list[str]:
        """The descriptions of all interactions."""
        return [
            example.description
            for signatures in self._interactions.values()
            for similar in signatures.values()
            for example in similar.examples
        ]

    def has_interaction(self, operation: str, query: Iterable[str]) -> bool:
        """Return whether an interaction of the operation has exactly these query parameters."""
        names = frozenset(query)
        return any(signature.query == names for signature in self._of(operation))

    def attribute(
        self, operation: str, query: Mapping[str, Sequence[str]], request: Any, status: int, response: Any
    ) -> Attribution:
        """Return the interactions of an exchange.

        A 401 does not depend on the operation: without an interaction of its own, the first one with that status describes it.

        Args:
            operation: its operationId.
            query: the parameters of the request.
            request: the body of the request: JSON, the text of a form, or None.
            status: that of the response.
            response: the body of the response; of one that is no JSON, and of a stream, only the status counts.
        """
        signature = RequestSignature(frozenset(query), object_keys(request), status)
        similar = self._of(operation).get(signature)
        if similar:
            interactions = [example.description for example in similar.examples]
            values = values_of(query, request, response) if len(interactions) > 1 else {}
            return Attribution(interactions, similar.instances(_known_members(response), values))
        if status == 401 and self._unauthenticated:
            return Attribution(self._unauthenticated[:1])
        return Attribution(nearest=self._nearest(operation, signature))

    def classify(
        self, operation: str, query: Mapping[str, Sequence[str]], request: Any, status: int, response: Any
    ) -> tuple[list[str], list[str]]:
        """Return the interactions that an exchange is an instance of, and those that it would be if it lacked nothing.

        The arguments are those of `attribute`.
        """
        similar = self._of(operation).get(RequestSignature(frozenset(query), object_keys(request), status))
        if similar is None:
            return [], []
        values = values_of(query, request, response) if len(similar.examples) > 1 else {}
        return similar.instances(_known_members(response), values), similar.instances(None, values)

    def _of(self, operation: str) -> Mapping[RequestSignature, SimilarExamples]:
        return self._interactions.get(operation, {})

    def _nearest(self, operation: str, signature: RequestSignature) -> str | None:
        signatures = self._of(operation)
        best = max(signatures, key=signature.similarity, default=None)
        return signatures[best].examples[0].description if best else None


def _known_members(response: Any) -> frozenset[str] | None:
    """Return the members of a body; None for audio, text and a stream, whose members are not known."""
    return members_of(response) if response is None or isinstance(response, dict | list) else None


def _read_interaction(
    contract: OperationMatcher, interaction: Mapping[str, Any]
) -> tuple[str, RequestSignature, Example] | None:
    """Return operation, signature and example of an interaction; None for a message, which has no request.

    A request without an operation is reported by the verification.
    """
    request = interaction.get("request")
    match = contract.match_operation(request["method"], request["path"]) if request else None
    if not request or not match:
        return None
    response = interaction["response"]
    query, body = request.get("query", {}), request.get("body", {}).get("content")
    reply = response.get("body", {}).get("content")
    signature = RequestSignature(frozenset(query), object_keys(body), response["status"])
    rules = response.get("matchingRules", {}).get("body", {})
    loose = paths_with(rules, equality=False)
    values = {
        path: items
        for path, items in values_of(query, body, reply).items()
        if path not in loose and path.removesuffix("[*]") not in loose
    }
    example = Example(interaction["description"], members_of(reply), values)
    return match[0].operation_id, signature, example


def object_keys(body: Any) -> frozenset[str]:
    """Return the member names of a JSON object; an empty set for any other value."""
    return frozenset(body) if isinstance(body, dict) else frozenset()


def decode_request(body: bytes) -> Any:
    """Return a request body as JSON, or as the text of a form; None without a body, and for one that no pact has."""
    if not body or len(body) > MAX_ATTRIBUTED_BYTES:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", errors="replace")
