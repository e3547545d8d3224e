"""Queries and statements on deployments and releases: which version is in which environment, since and until when."""

from __future__ import annotations

import uuid

from broker.database import Database, Row, now_microseconds

DEPLOYED, RELEASED = "deployed", "released"

SELECT_DEPLOYMENT = """SELECT d.*, v.number, p.name AS pacticipant_name, e.uuid AS environment_uuid, e.name AS environment_name,
    e.display_name AS environment_display_name, e.production,
    e.created AS environment_created FROM deployments d JOIN versions v ON v.id = d.version
    JOIN pacticipants p ON p.id = v.pacticipant JOIN environments e ON e.id = d.environment"""


def find(db: Database, identifier: str, kind: str) -> Row | None:
    """Return a deployment or release by its UUID."""
    return db.fetch_one(f"{SELECT_DEPLOYMENT} WHERE d.uuid = ? AND d.kind = ?", identifier, kind)


def list_current(db: Database, environment: int, kind: str) -> list[Row]:
    """Return what is currently deployed (or released and supported) in an environment, newest first."""
    return db.fetch_all(
        f"{SELECT_DEPLOYMENT} WHERE d.environment = ? AND d.kind = ? AND d.ended IS NULL ORDER BY d.id DESC",
        environment,
        kind,
    )


def current_numbers(db: Database, environment: int, pacticipant: int) -> list[str]:
    """Return the version numbers of a pacticipant that are deployed to, or released in, an environment; newest first."""
    rows = db.fetch_all(
        """SELECT v.number FROM deployments d JOIN versions v ON v.id = d.version
           WHERE d.environment = ? AND d.ended IS NULL AND v.pacticipant = ? GROUP BY v.id ORDER BY max(d.id) DESC""",
        environment,
        pacticipant,
    )
    return [row["number"] for row in rows]


def list_current_of_pacticipant(db: Database, pacticipant: int) -> list[Row]:
    """Return what is currently deployed of a pacticipant, newest first."""
    return db.fetch_all(
        f"{SELECT_DEPLOYMENT} WHERE v.pacticipant = ? AND d.kind = 'deployed' AND d.ended IS NULL ORDER BY d.id DESC",
        pacticipant,
    )


def list_for_version(
    db: Database, version: int, kind: str | None = None, environment: int | None = None
) -> list[Row]:
    """Return the deployments and releases of a version, ended ones included, newest first."""
    rows = db.fetch_all(f"{SELECT_DEPLOYMENT} WHERE d.version = ? ORDER BY d.id DESC", version)
    return [row for row in rows if kind in {None, row["kind"]} and environment in {None, row["environment"]}]


def deploy(db: Database, version: Row, environment: int, instance: str | None) -> str:
    """Record a deployment, which ends that of the previous version of the same instance.

    Returns:
        The UUID of the deployment, the existing one if this version is deployed already.
    """
    # IS instead of =, because no instance is NULL and counts as an instance of its own
    current = db.fetch_all(
        """SELECT d.* FROM deployments d JOIN versions v ON v.id = d.version
           WHERE d.environment = ? AND d.kind = 'deployed' AND d.ended IS NULL AND v.pacticipant = ? AND d.instance IS ?""",
        environment, version["pacticipant"], instance,
    )  # fmt: skip
    for row in current:
        if row["version"] == version["id"]:
            return str(row["uuid"])
        db.update("deployments", row["id"], ended=now_microseconds())
    return _insert(db, DEPLOYED, version["id"], environment, instance)


def release(db: Database, version: Row, environment: int) -> tuple[str, bool]:
    """Record a release, or reopen an ended one; return its UUID and whether it is new."""
    previous = db.fetch_one(
        "SELECT * FROM deployments WHERE environment = ? AND version = ? AND kind = 'released'",
        environment,
        version["id"],
    )
    # unlike a deployment, a release of a version to an environment is one record for ever
    if previous:
        db.update("deployments", previous["id"], ended=None)
        return str(previous["uuid"]), False
    return _insert(db, RELEASED, version["id"], environment, None), True


def end(db: Database, identifier: str) -> None:
    """End a deployment or the support of a release; the first end is kept."""
    db.execute(
        "UPDATE deployments SET ended = ? WHERE uuid = ? AND ended IS NULL", now_microseconds(), identifier
    )


def _insert(db: Database, kind: str, version: int, environment: int, instance: str | None) -> str:
    identifier = str(uuid.uuid4())
    db.insert(
        "deployments", uuid=identifier, kind=kind, version=version, environment=environment,
        instance=instance, created=now_microseconds(),
    )  # fmt: skip
    return identifier
