"""What a verification found, read back from the broker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pact_broker_client.client import BrokerClient

UNNAMED = "the verification failed, and its result names no interaction"


def verification_failures(client: BrokerClient, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return each mismatch of a failed verification as `'description': $.field: reason`.

    Args:
        client: the broker.
        row: the matrix row of the failed verification.

    Raises:
        BrokerError: if the broker does not respond.
    """
    result = client.get(row["verificationResult"]["_links"]["self"]["href"]) or {}
    pact = client.get(row["pact"]["_links"]["self"]["href"]) or {}
    descriptions = {item.get("_id"): item["description"] for item in pact.get("interactions", ())}
    failed = [test for test in result.get("testResults") or () if not test["success"]]
    return tuple(text for test in failed for text in _mismatches(test, descriptions)) or (UNNAMED,)


def _mismatches(test: Mapping[str, Any], descriptions: Mapping[str | None, str]) -> Iterator[str]:
    identifier = test["interactionId"]
    # the description is optional in a result, the id is not
    name = test.get("interactionDescription") or descriptions.get(identifier, identifier)
    for mismatch in test.get("mismatches", ()):
        location = mismatch.get("identifier") or mismatch.get("attribute")
        reason = mismatch["description"]
        yield f"'{name}': {location}: {reason}" if location else f"'{name}': {reason}"
    for exception in test.get("exceptions", ()):
        yield f"'{name}': {exception['message']}"
