"""Queries behind the pacts a provider verifies: who has pacts where, and what pending and WIP depend on.

The rows have no documents, which may be large.
"""

from __future__ import annotations

from collections.abc import Iterable

from broker.database import Database, Row
from broker.domain.json_document import decode_json
from broker.domain.pending import ProviderContext, SuccessfulVerification
from broker.store.pacts import SELECT_ENTRY


def pact_of_version(db: Database, provider: int, version: int | None) -> Row | None:
    """Return the current pact of a consumer version with a provider."""
    return db.fetch_one(
        f"{SELECT_ENTRY} WHERE p.current = 1 AND p.version = ? AND p.provider = ?", version, provider
    )


def latest_pact(db: Database, provider: int, consumer: int) -> Row | None:
    """Return the pact of the newest consumer version that has one."""
    return db.fetch_one(
        f"{SELECT_ENTRY} WHERE p.current = 1 AND p.provider = ? AND p.consumer_id = ? ORDER BY p.version DESC LIMIT 1",
        provider, consumer,
    )  # fmt: skip


def pacts_in_environments(db: Database, provider: int, kind: str) -> list[Row]:
    """Return the pacts of all versions currently deployed or released, with `environment_name`."""
    select = SELECT_ENTRY.replace("SELECT p.*", "SELECT p.*, e.name AS environment_name", 1)
    # CROSS JOIN: from the few versions in environments, not through all pacts
    select = select.replace(
        "FROM pacts p", f"FROM {_IN_ENVIRONMENTS} CROSS JOIN pacts p ON p.version = d.version", 1
    )
    return db.fetch_all(
        f"""{select} WHERE p.current = 1 AND p.provider = ? AND d.kind = ? AND d.ended IS NULL ORDER BY d.id""",
        provider, kind,
    )  # fmt: skip


def head_pacts_since(db: Database, provider: int, since: int) -> list[Row]:
    """Return the pacts published after a time by the head version of any consumer branch or tag."""
    select = SELECT_ENTRY.replace(
        "FROM pacts p", "FROM heads h CROSS JOIN pacts p ON p.version = h.version", 1
    )
    return db.fetch_all(
        f"""WITH RECURSIVE {_HEADS} {select} WHERE p.provider = ?1 AND p.current = 1 AND p.created > ?2
            ORDER BY lower(consumer.name), p.version""",
        provider, since,
    )  # fmt: skip


_IN_ENVIRONMENTS = "environments e CROSS JOIN deployments d ON d.environment = e.id"

# one step for each branch and each name of a tag, instead of one for each version
_HEADS = """consumer_tags (consumer, name) AS (
        SELECT i.consumer, (SELECT min(name) FROM tags WHERE pacticipant_id = i.consumer) FROM integrations i WHERE i.provider = ?1
        UNION ALL SELECT c.consumer, (SELECT min(name) FROM tags WHERE pacticipant_id = c.consumer AND name > c.name)
        FROM consumer_tags c WHERE c.name IS NOT NULL),
    heads (version) AS (
        SELECT (SELECT bv.version FROM branch_versions bv WHERE bv.branch = b.id ORDER BY bv.id DESC LIMIT 1)
        FROM integrations i CROSS JOIN branches b ON b.pacticipant = i.consumer WHERE i.provider = ?1
        UNION SELECT (SELECT t.version FROM tags t WHERE t.pacticipant_id = c.consumer AND t.name = c.name
            ORDER BY t.version DESC LIMIT 1)
        FROM consumer_tags c WHERE c.name IS NOT NULL)"""


def successful_verifications(db: Database, content: int) -> list[SuccessfulVerification]:
    """Return all successful results for a pact content."""
    rows = db.fetch_all(
        """SELECT r.created, r.wip, r.tags,
           (SELECT json_group_array(b.name) FROM branch_versions bv JOIN branches b ON b.id = bv.branch WHERE bv.version = r.version) AS branches,
           (SELECT json_group_array(t.name) FROM tags t WHERE t.version = r.version) AS tags_now
           FROM results r WHERE r.content = ? AND r.success = 1""",
        content,
    )
    return [
        SuccessfulVerification(
            verified_at=row["created"],
            branches=frozenset(decode_json(row["branches"])),
            tags=frozenset(decode_json(row["tags_now"])),
            tags_when_published=frozenset(decode_json(row["tags"])),
            wip=bool(row["wip"]),
        )
        for row in rows
    ]


def provider_context(db: Database, provider: int, branch: str | None, tags: Iterable[str]) -> ProviderContext:
    """Return when the branch and tags a provider verifies for were first used."""
    branch_since = db.fetch_value(
        "SELECT created FROM branches WHERE pacticipant = ? AND name = ?", provider, branch
    )
    # versions get their ids in the order of their creation
    branch_version_since = db.fetch_value(
        """SELECT v.created FROM branch_versions bv JOIN versions v ON v.id = bv.version
           WHERE bv.branch = (SELECT id FROM branches WHERE pacticipant = ? AND name = ?) ORDER BY bv.version LIMIT 1""",
        provider, branch,
    )  # fmt: skip
    # the index of tags by time gives the first one without a look at all of them
    first_use = "SELECT created FROM tags WHERE pacticipant_id = ? AND name = ? ORDER BY created LIMIT 1"
    tags_since = tuple((tag, db.fetch_value(first_use, provider, tag)) for tag in tags)
    return ProviderContext(branch, branch_since, branch_version_since, tags_since)
