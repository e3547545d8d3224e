"""What the verification of a version's pact found, read back from the broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pact_broker_client.client import BrokerClient, encode_path_segment


def verification_failures(
    client: BrokerClient, consumer: tuple[str, str], provider: tuple[str, str]
) -> tuple[str, ...] | None:
    """Each failed interaction with what differs, as `description: $.field: why`; empty when none failed.

    Args:
        client: the broker.
        consumer: its name and version.
        provider: its name and version.

    Returns:
        None when this version of the provider has no result for the pact.
    """
    result = client.latest_verification_result(consumer, provider)
    if result is None or result["success"]:
        return None if result is None else ()
    pact = client.get(
        f"/pacts/provider/{encode_path_segment(provider[0])}/consumer/{encode_path_segment(consumer[0])}/version/{encode_path_segment(consumer[1])}"
    )
    names = {item.get("_id"): item["description"] for item in (pact or {}).get("interactions", ())}
    tests = result.get("testResults")
    found = (
        tuple(text for test in tests if not test["success"] for text in _texts(test, names)) if tests else ()
    )
    return found or ("the verification failed, and its result names no interaction",)


def _texts(test: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    name = test.get("interactionDescription") or names.get(test["interactionId"], test["interactionId"])
    for mismatch in test.get("mismatches", ()):
        where = mismatch.get("identifier") or mismatch.get("attribute")
        yield (
            f"'{name}': {where}: {mismatch['description']}"
            if where
            else f"'{name}': {mismatch['description']}"
        )
    for exception in test.get("exceptions", ()):
        yield f"'{name}': {exception['message']}"
