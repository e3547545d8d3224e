"""Queries behind the pacts a provider verifies: who has pacts where, and what pending and WIP depend on."""

from __future__ import annotations

from collections.abc import Iterable

from broker.database import Database, Row
from broker.domain.json_document import decode_json
from broker.domain.pending import ProviderContext, SuccessfulVerification
from broker.store.pacts import SELECT_PACT


def pact_of_version(db: Database, provider: int, version: int | None) -> Row | None:
    """Return the current pact of a consumer version with a provider."""
    return db.fetch_one(
        f"{SELECT_PACT} WHERE p.current = 1 AND p.version = ? AND p.provider = ?", version, provider
    )


def pacts_in_environments(db: Database, provider: int, kind: str) -> list[Row]:
    """Return the pacts of all versions currently deployed or released, with `environment_name`."""
    select = SELECT_PACT.replace("SELECT p.*", "SELECT p.*, e.name AS environment_name", 1)
    return db.fetch_all(
        f"""{select} JOIN deployments d ON d.version = v.id JOIN environments e ON e.id = d.environment
            WHERE p.current = 1 AND p.provider = ? AND d.kind = ? AND d.ended IS NULL ORDER BY d.id""",
        provider, kind,
    )  # fmt: skip


def head_pacts_since(db: Database, provider: int, since: int) -> list[Row]:
    """Return the pacts published after a time by the head version of any consumer branch or tag."""
    return db.fetch_all(
        f"""{SELECT_PACT} WHERE p.current = 1 AND p.provider = ? AND p.created > ? AND (
            v.id IN (SELECT version FROM branch_versions WHERE id IN (SELECT max(bv.id) FROM branch_versions bv GROUP BY bv.branch))
            OR EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND v.id = (SELECT max(tv.id) FROM versions tv
                JOIN tags tt ON tt.version = tv.id WHERE tv.pacticipant = v.pacticipant AND tt.name = t.name))
            ) ORDER BY lower(consumer.name), v.id""",
        provider, since,
    )  # fmt: skip


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
    first_use = "SELECT min(t.created) FROM tags t JOIN versions v ON v.id = t.version WHERE v.pacticipant = ? AND t.name = ?"
    tags_since = tuple((tag, db.fetch_value(first_use, provider, tag)) for tag in tags)
    return ProviderContext(branch, branch_since, tags_since)
