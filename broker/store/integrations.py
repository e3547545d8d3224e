"""Queries and statements on integrations: consumer and provider pairs that have, or had, a pact."""

from __future__ import annotations

from broker.database import Database, Row


def list_all(db: Database) -> list[Row]:
    """Return the integrations with the names of both sides, by the time of the pact of the newest consumer version."""
    return db.fetch_all(
        """SELECT i.consumer AS consumer_id, i.provider AS provider_id, consumer.name AS consumer, provider.name AS provider_name,
           (SELECT p.created FROM pacts p WHERE p.provider = i.provider AND p.consumer_id = i.consumer AND p.current = 1
               ORDER BY p.version DESC LIMIT 1) AS changed
           FROM integrations i JOIN pacticipants consumer ON consumer.id = i.consumer JOIN pacticipants provider ON provider.id = i.provider
           ORDER BY changed DESC, lower(consumer.name), lower(provider.name)"""
    )


def find(db: Database, consumer: int, provider: int) -> Row | None:
    """Return an integration by the ids of both sides."""
    return db.fetch_one(
        "SELECT consumer, provider FROM integrations WHERE consumer = ? AND provider = ?",
        consumer,
        provider,
    )


def delete(db: Database, consumer: int, provider: int) -> None:
    """Delete the contents of an integration with their pacts and results, and what is left without any use.

    A version without pacts, results, tags, branches and deployments goes, and then a side without versions.
    """
    db.execute("DELETE FROM contents WHERE consumer = ? AND provider = ?", consumer, provider)
    for pacticipant in (consumer, provider):
        db.execute(
            """DELETE FROM versions WHERE pacticipant = ? AND id NOT IN (SELECT version FROM pacts)
               AND id NOT IN (SELECT version FROM results) AND id NOT IN (SELECT version FROM tags)
               AND id NOT IN (SELECT version FROM branch_versions) AND id NOT IN (SELECT version FROM deployments)""",
            pacticipant,
        )
        db.execute(
            """DELETE FROM pacticipants WHERE id = ? AND id NOT IN (SELECT pacticipant FROM versions)
               AND id NOT IN (SELECT consumer FROM contents) AND id NOT IN (SELECT provider FROM contents)""",
            pacticipant,
        )
