"""An in-memory database of a broker that a test fills by the broker's own statements, without HTTP."""

from __future__ import annotations

from broker.database import Row
from broker.store import (
    branches,
    deployments,
    environments,
    pacticipants,
    pacts,
    tags,
    verification_results,
    versions,
)
from tests.broker.memory import memory_database


class StoredHistory:
    """What consumers, providers and pipelines did. The provider is `Pay` unless another one is named."""

    def __init__(self) -> None:
        self.db = memory_database()

    def pacticipant(self, name: str, **columns: object) -> Row:
        """Return a pacticipant, created if it is missing, with columns changed."""
        row = pacticipants.find_or_create(self.db, name)
        if columns:
            pacticipants.update(self.db, row["id"], columns)
        return pacticipants.find_or_create(self.db, name)

    def version(self, name: str, number: str, branch: str | None = None, *tag_names: str) -> Row:
        """Return a version, created if it is missing, on a branch and with tags."""
        row, _ = versions.find_or_create_version(self.db, name, number)
        if branch:
            branches.add_branch(self.db, row, branch)
        for tag in tag_names:
            tags.add_tag(self.db, row, tag, may_be_branch=False)
        return row

    def publish(
        self, consumer: str, number: str, content: str, *, provider: str = "Pay", branch: str | None = None
    ) -> None:
        """Publish a pact of a consumer version; pacts of one content are equal."""
        version = self.version(consumer, number, branch)
        pacts.publish(self.db, version, self.pacticipant(provider), content, "{}")

    def verify(
        self,
        consumer: str,
        number: str,
        provider_version: str,
        *,
        success: bool = True,
        provider: str = "Pay",
    ) -> None:
        """Store the result of verifying a pact."""
        pact = pacts.find_by_version(self.db, provider, consumer, number)
        assert pact is not None
        version = self.version(provider, provider_version)
        verification_results.add_result(self.db, pact, version, {"success": success}, wip=False)

    def environment(self, name: str) -> int:
        """Return the id of an environment."""
        row = environments.find_by_name(self.db, name)
        assert row is not None
        identifier: int = row["id"]
        return identifier

    def deploy(
        self, name: str, number: str, environment: str = "production", instance: str | None = None
    ) -> str:
        """Record a version as deployed; return the UUID of the deployment."""
        return deployments.deploy(
            self.db, self.version(name, number), self.environment(environment), instance
        )

    def release(self, name: str, number: str, environment: str = "production") -> str:
        """Record a version as released; return the UUID of the release."""
        return deployments.release(self.db, self.version(name, number), self.environment(environment))[0]
