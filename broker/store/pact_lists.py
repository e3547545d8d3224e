"""Lists of current pacts of a provider or of an integration, chosen by branch or tag, and their deletion."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.store.pacts import SELECT_PACT

SELECT_ENTRY = SELECT_PACT.replace(", c.json", "", 1)
"""Without the documents, which may be large."""

_ON_BRANCH = """EXISTS (SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE bv.version = v.id AND b.name = {name})"""
_IS_HEAD = """v.id = (SELECT bv.version FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE b.pacticipant = v.pacticipant AND b.name = {name} ORDER BY bv.id DESC LIMIT 1)"""
_IN_ENVIRONMENT = """EXISTS (SELECT 1 FROM deployments d JOIN environments e ON e.id = d.environment
    WHERE d.version = v.id AND d.ended IS NULL AND e.name = ?)"""
_FROM = """FROM pacts p JOIN versions v ON v.id = p.version JOIN pacticipants consumer ON consumer.id = v.pacticipant"""


@dataclass(frozen=True, slots=True)
class PactFilter:
    """Which pacts of a provider are meant; all given criteria must match.

    Attributes:
        consumer: the id of the consumer.
        tag: a tag of the consumer version.
        branch: a branch of the consumer version.
        main_branch: the consumer version is on the consumer's main branch.
        head: the consumer version is the head of the branch, or of the main branch.
        untagged: the consumer version has no tag.
        environment: the name of an environment in which the consumer version is deployed or released.
    """

    consumer: int | None = None
    tag: str | None = None
    branch: str | None = None
    main_branch: bool = False
    head: bool = False
    untagged: bool = False
    environment: str | None = None

    def sql(self, provider: int) -> tuple[str, list[object]]:
        """Return a condition over `p`, `v` and `consumer`, and its values."""
        conditions, values = ["p.current = 1", "p.provider = ?"], list[object]([provider])
        parts: list[tuple[str, object | None]] = [
            ("p.consumer_id = ?", self.consumer),
            ("EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?)", self.tag),
            ((_IS_HEAD if self.head else _ON_BRANCH).format(name="?"), self.branch),
            (_IN_ENVIRONMENT, self.environment),
        ]
        for condition, value in parts:
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if self.main_branch:
            conditions.append((_IS_HEAD if self.head else _ON_BRANCH).format(name="consumer.main_branch"))
        if self.untagged:
            conditions.append("NOT EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id)")
        return " AND ".join(conditions), values


def list_pacts(db: Database, provider: int, pact_filter: PactFilter) -> list[Row]:
    """Return the pacts without their documents, by consumer, oldest first."""
    condition, values = pact_filter.sql(provider)
    return db.fetch_all(
        f"{SELECT_ENTRY} WHERE {condition} ORDER BY lower(consumer.name), consumer.name, v.id", *values
    )


def list_with_documents(db: Database, provider: int, pact_filter: PactFilter) -> list[Row]:
    """Return the pacts with their documents, by consumer, oldest first."""
    condition, values = pact_filter.sql(provider)
    return db.fetch_all(
        f"{SELECT_PACT} WHERE {condition} ORDER BY lower(consumer.name), consumer.name, v.id", *values
    )


def list_latest(db: Database, provider: int, pact_filter: PactFilter) -> list[Row]:
    """Return the pact of the newest version of each consumer, by consumer."""
    condition, values = pact_filter.sql(provider)
    newest = f"SELECT p.id {_FROM} WHERE {condition} AND p.consumer_id = i.consumer ORDER BY p.version DESC LIMIT 1"
    # one look-up for each consumer, whose number of versions does not matter
    return db.fetch_all(
        f"""{SELECT_PACT} WHERE p.id IN (SELECT ({newest}) FROM integrations i WHERE i.provider = ?)
            ORDER BY lower(consumer.name), consumer.name""",
        *values, provider,
    )  # fmt: skip


def latest(db: Database, provider: int, pact_filter: PactFilter) -> Row | None:
    """Return the pact of the newest version."""
    condition, values = pact_filter.sql(provider)
    return db.fetch_one(f"{SELECT_PACT} WHERE {condition} ORDER BY p.version DESC LIMIT 1", *values)


def previous_distinct(db: Database, pact: Row) -> Row | None:
    """Return the pact of the newest version before that of a pact with other content."""
    condition, values = PactFilter(consumer=pact["consumer_id"]).sql(pact["provider_id"])
    return db.fetch_one(
        f"{SELECT_PACT} WHERE {condition} AND p.version < ? AND p.content != ? ORDER BY p.version DESC LIMIT 1",
        *values, pact["version"], pact["content"],
    )  # fmt: skip


def delete(db: Database, provider: int, pact_filter: PactFilter) -> None:
    """Delete pacts with their overwritten revisions; versions, and results of the contents, stay."""
    condition, values = pact_filter.sql(provider)
    db.execute(
        f"""DELETE FROM pacts WHERE provider = ? AND version IN (SELECT p.version {_FROM} WHERE {condition})""",
        provider, *values,
    )  # fmt: skip


def delete_of_version(db: Database, pact: Row) -> None:
    """Delete the pact of a consumer version with its overwritten revisions."""
    db.execute("DELETE FROM pacts WHERE version = ? AND provider = ?", pact["version"], pact["provider_id"])
