"""Request bodies and paths of the broker's tests."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote


def pact(consumer: str, provider: str, *descriptions: str) -> dict[str, Any]:
    """Return a small pact with an interaction for each description."""
    interactions = [
        {
            "description": description,
            "request": {"method": "GET", "path": f"/{quote(description)}"},
            "response": {"status": 200},
        }
        for description in descriptions
    ]
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": interactions,
        "metadata": {"pactSpecification": {"version": "2.0.0"}},
    }


def contract(document: dict[str, Any]) -> dict[str, Any]:
    """Return a pact as an item of a publication."""
    return {
        "consumerName": document["consumer"]["name"],
        "providerName": document["provider"]["name"],
        "specification": "pact",
        "contentType": "application/json",
        "content": base64.b64encode(json.dumps(document).encode()).decode(),
    }


def publication(version: str, *documents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the body that publishes pacts of one consumer."""
    consumer = documents[0]["consumer"]["name"]
    return {
        "pacticipantName": consumer,
        "pacticipantVersionNumber": version,
        "contracts": [contract(document) for document in documents],
        **fields,
    }


def path(*segments: str) -> str:
    """Return a path of percent-encoded segments."""
    return "/" + "/".join(quote(segment, safe="") for segment in segments)
