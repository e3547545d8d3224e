"""Lists of current pacts of a provider or of an integration, chosen by branch or tag, and their deletion."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.store.pacts import SELECT_ENTRY, SELECT_PACT
from broker.store.row_list import RowList

_ON_BRANCH = """EXISTS (SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE bv.version = p.version AND b.name = {name})"""
_IS_HEAD = """p.version = (SELECT bv.version FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE b.pacticipant = {consumer} AND b.name = {name} ORDER BY bv.id DESC LIMIT 1)"""
_IN_ENVIRONMENT = """EXISTS (SELECT 1 FROM deployments d JOIN environments e ON e.id = d.environment
    WHERE d.version = p.version AND d.ended IS NULL AND e.name = ?)"""
_MAIN_BRANCH = "(SELECT main_branch FROM pacticipants WHERE id = {consumer})"


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

    def sql(self, provider: int, consumer: str = "p.consumer_id") -> tuple[str, list[object]]:
        """Return a condition over the pact `p`, and its values; `consumer` is the SQL of the consumer's id."""
        conditions, values = ["p.current = 1", "p.provider = ?"], list[object]([provider])
        on_branch = _IS_HEAD if self.head else _ON_BRANCH
        parts: list[tuple[str, object | None]] = [
            ("p.consumer_id = ?", self.consumer),
            ("EXISTS (SELECT 1 FROM tags t WHERE t.version = p.version AND t.name = ?)", self.tag),
            (on_branch.format(name="?", consumer=consumer), self.branch),
            (_IN_ENVIRONMENT, self.environment),
        ]
        for condition, value in parts:
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if self.main_branch:
            name = _MAIN_BRANCH.format(consumer=consumer)
            conditions.append(on_branch.format(name=name, consumer=consumer))
        if self.untagged:
            conditions.append("NOT EXISTS (SELECT 1 FROM tags t WHERE t.version = p.version)")
        return " AND ".join(conditions), values


def list_pacts(
    db: Database, provider: int, pact_filter: PactFilter, *, newest_first: bool = False
) -> RowList:
    """Return the pacts without their documents, by consumer, oldest first or newest first."""
    condition, values = pact_filter.sql(provider)
    direction = " DESC" if newest_first else ""
    # of one consumer the index has the order
    names = "" if pact_filter.consumer is not None else "lower(consumer.name), consumer.name, "
    return RowList(db, SELECT_ENTRY, condition, f"{names}p.version{direction}", values)


def list_with_documents(db: Database, provider: int, pact_filter: PactFilter) -> list[Row]:
    """Return the pacts with their documents, by consumer, oldest first."""
    condition, values = pact_filter.sql(provider)
    return db.fetch_all(
        f"{SELECT_PACT} WHERE {condition} ORDER BY lower(consumer.name), consumer.name, p.version", *values
    )


def list_latest(
    db: Database, provider: int, pact_filter: PactFilter, *, with_documents: bool = False
) -> list[Row]:
    """Return the pact of the newest version of each consumer, by consumer."""
    condition, values = pact_filter.sql(provider, consumer="i.consumer")
    newest = f"SELECT p.id FROM pacts p WHERE {condition} AND p.consumer_id = i.consumer ORDER BY p.version DESC LIMIT 1"
    select = SELECT_PACT if with_documents else SELECT_ENTRY
    return db.fetch_all(
        f"""{select} WHERE p.id IN (SELECT ({newest}) FROM integrations i WHERE i.provider = ?)
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
        f"DELETE FROM pacts WHERE provider = ? AND version IN (SELECT p.version FROM pacts p WHERE {condition})",
        provider, *values,
    )  # fmt: skip


def delete_of_version(db: Database, pact: Row) -> None:
    """Delete the pact of a consumer version with its overwritten revisions."""
    db.execute("DELETE FROM pacts WHERE version = ? AND provider = ?", pact["version"], pact["provider_id"])
