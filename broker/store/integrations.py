"""Queries and statements on integrations: consumer and provider pairs that have, or had, a pact."""

from __future__ import annotations

from broker.database import Database, Row


def list_all(db: Database) -> list[Row]:
    """Return the integrations with the names of both sides, by the time of the newest content or pact."""
    return db.fetch_all(
        """SELECT c.consumer AS consumer_id, c.provider AS provider_id, consumer.name AS consumer, provider.name AS provider_name,
           max(max(c.created), coalesce((SELECT max(p.created) FROM pacts p JOIN versions v ON v.id = p.version
               WHERE p.provider = c.provider AND v.pacticipant = c.consumer), 0)) AS changed
           FROM contents c JOIN pacticipants consumer ON consumer.id = c.consumer JOIN pacticipants provider ON provider.id = c.provider
           GROUP BY c.consumer, c.provider ORDER BY changed DESC, lower(consumer.name), lower(provider.name)"""
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
        "SELECT consumer, provider FROM contents WHERE consumer = ? AND provider = ? LIMIT 1",
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
