"""Queries and statements on integrations: consumer and provider pairs that have, or had, a pact."""

from __future__ import annotations

from broker.database import Database, Row


def list_all(db: Database) -> list[Row]:
    """Return the integrations with the names of both sides, by the time of the newest content or pact."""
    # the subqueries read the last entry of an index
    return db.fetch_all(
        """SELECT i.consumer AS consumer_id, i.provider AS provider_id, consumer.name AS consumer, provider.name AS provider_name,
           max((SELECT created FROM contents WHERE provider = i.provider AND consumer = i.consumer ORDER BY id DESC LIMIT 1),
               coalesce((SELECT created FROM pacts WHERE provider = i.provider AND consumer_id = i.consumer
                   ORDER BY created DESC LIMIT 1), 0)) AS changed
           FROM integrations i JOIN pacticipants consumer ON consumer.id = i.consumer
           JOIN pacticipants provider ON provider.id = i.provider
           ORDER BY changed DESC, lower(consumer.name), lower(provider.name)"""
    )


def list_of_pacticipant(db: Database, pacticipant: int) -> list[Row]:
    """Return the integrations of a pacticipant with the names of both sides, by names."""
    return db.fetch_all(
        """SELECT c.name AS consumer, p.name AS provider_name FROM integrations i JOIN pacticipants c ON c.id = i.consumer
           JOIN pacticipants p ON p.id = i.provider WHERE i.consumer = ?1 OR i.provider = ?1 ORDER BY lower(c.name), lower(p.name)""",
        pacticipant,
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
            """DELETE FROM versions WHERE pacticipant = ? AND NOT EXISTS (SELECT 1 FROM pacts WHERE version = versions.id)
               AND NOT EXISTS (SELECT 1 FROM results WHERE version = versions.id)
               AND NOT EXISTS (SELECT 1 FROM tags WHERE version = versions.id)
               AND NOT EXISTS (SELECT 1 FROM branch_versions WHERE version = versions.id)
               AND NOT EXISTS (SELECT 1 FROM deployments WHERE version = versions.id)""",
            pacticipant,
        )
        db.execute(
            """DELETE FROM pacticipants WHERE id = ? AND NOT EXISTS (SELECT 1 FROM versions WHERE pacticipant = pacticipants.id)
               AND NOT EXISTS (SELECT 1 FROM integrations WHERE pacticipants.id IN (consumer, provider))""",
            pacticipant,
        )
