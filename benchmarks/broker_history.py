"""A broker's database with a long history, written through the broker's own use cases in a few seconds."""

from __future__ import annotations

import json
from typing import Any

from broker.database import Database, Row
from broker.domain.contracts import Publication, build_contract
from broker.domain.pact_text import PactText
from broker.services import publishing
from broker.store import branches, deployments, environments, pacts, verification_results, versions

CONSUMER = "consumer"
PROVIDERS = ("provider-a", "provider-b", "provider-c")
FEATURE_BRANCHES = 5
VERIFIED_VERSIONS = 20
"""The newest versions whose pacts every provider has verified."""


async def write_history(database: Database, count: int, *, distinct_contents: bool = True) -> None:
    """Publish versions `v0`, `v1`, … with three pacts each, verify the newest and deploy all to production.

    Args:
        database: an empty database.
        count: the number of consumer versions.
        distinct_contents: whether each version has contents of its own, or all have the same.
    """
    async with database.write_transaction():
        for number in range(count):
            publishing.publish(database, _publication(number, number if distinct_contents else 0))
    async with database.write_transaction():
        for provider in PROVIDERS:
            _verify_newest(database, provider, count)
        _deploy(database, CONSUMER, f"v{count - 1}")


def pact_document(provider: str, content: object) -> dict[str, Any]:
    """Return a pact with two interactions, of which one has the content in its description."""
    interactions = [
        {"description": text, "request": {"method": "GET", "path": "/"}, "response": {"status": 200}}
        for text in (f"content {content}", "every version has this one")
    ]
    metadata = {"pactSpecification": {"version": "2.0.0"}}
    return {
        "consumer": {"name": CONSUMER},
        "provider": {"name": provider},
        "interactions": interactions,
        "metadata": metadata,
    }


def _publication(number: int, content: int) -> Publication:
    branch = f"feature-{number % FEATURE_BRANCHES}" if number % 10 == 0 else "main"
    return Publication(
        pacticipant=CONSUMER,
        version_number=f"v{number}",
        branch=branch,
        tags=[branch],
        sets_build_url=False,
        build_url=None,
        contracts=[
            build_contract(CONSUMER, provider, PactText(pact_document(provider, content), {}))
            for provider in PROVIDERS
        ],
    )


def _verify_newest(database: Database, provider: str, count: int) -> None:
    version, _ = versions.find_or_create_version(database, provider, "1")
    branches.add_branch(database, version, "main")
    body = {"success": True, "verifiedBy": {"implementation": "test"}, "testResults": json.loads("[]")}
    for number in range(max(0, count - VERIFIED_VERSIONS), count):
        pact = _require(pacts.find_by_version(database, provider, CONSUMER, f"v{number}"))
        verification_results.add_result(database, pact, version, body, wip=False)
    _deploy(database, provider, "1")


def _deploy(database: Database, pacticipant: str, number: str) -> None:
    environment = _require(environments.find_by_name(database, "production"))
    version = _require(versions.find_version(database, pacticipant, number))
    deployments.deploy(database, version, environment["id"], None)


def _require(row: Row | None) -> Row:
    if row is None:
        raise LookupError("the history lacks what it has just written")
    return row
