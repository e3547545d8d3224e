"""What the newest verification of a version's pact found, read back from the broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provider_verification.broker_client import BrokerClient, segment


def problems(client: BrokerClient, provider: str, consumer: str, version: str) -> tuple[str, ...]:
    """Each failed interaction with what differs, as `description: $.field: why`; empty when none failed."""
    result = client.latest_result(provider, consumer, version)
    if result is None or result["success"]:
        return ()
    pact = client.get(
        f"/pacts/provider/{segment(provider)}/consumer/{segment(consumer)}/version/{segment(version)}"
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
