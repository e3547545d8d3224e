"""Environments, and what is deployed or released there."""

from __future__ import annotations

import uuid

from broker.database import Database, Row, now_microseconds

DEPLOYED, RELEASED = "deployed", "released"

_JOINED = """SELECT d.*, v.number, p.name AS pacticipant_name, e.uuid AS environment_uuid, e.name AS environment_name,
    e.display_name AS environment_display_name, e.production FROM deployments d JOIN versions v ON v.id = d.version
    JOIN pacticipants p ON p.id = v.pacticipant JOIN environments e ON e.id = d.environment"""


def by_uuid(db: Database, identifier: str) -> Row | None:
    """An environment by its uuid."""
    return db.fetch_one("SELECT * FROM environments WHERE uuid = ?", identifier)


def by_name(db: Database, name: str) -> Row | None:
    """An environment by its name."""
    return db.fetch_one("SELECT * FROM environments WHERE name = ?", name)


def list_all(db: Database) -> list[Row]:
    """All environments, by display name."""
    return db.fetch_all("SELECT * FROM environments ORDER BY lower(coalesce(display_name, name)), name")


def list_current(db: Database, environment: int, kind: str) -> list[Row]:
    """What is deployed (or released and supported) in an environment now, newest first."""
    return db.fetch_all(
        f"{_JOINED} WHERE d.environment = ? AND d.kind = ? AND d.ended IS NULL ORDER BY d.id DESC",
        environment,
        kind,
    )


def list_for_version(
    db: Database, version: int, kind: str | None = None, environment: int | None = None
) -> list[Row]:
    """A version's deployments or releases, ended ones too, newest first."""
    conditions, values = ["d.version = ?"], [version]
    if environment is not None:
        conditions.append("d.environment = ?")
        values.append(environment)
    where = " AND ".join(conditions)
    rows = db.fetch_all(f"{_JOINED} WHERE {where} ORDER BY d.id DESC", *values)
    return [row for row in rows if kind in {None, row["kind"]}]


def find(db: Database, identifier: str, kind: str) -> Row | None:
    """A deployment or release by its uuid."""
    return db.fetch_one(f"{_JOINED} WHERE d.uuid = ? AND d.kind = ?", identifier, kind)


def deploy(db: Database, version: Row, environment: int, instance: str | None) -> str:
    """Record a deployment, which ends that of the version before; gives its uuid, the old one if it is deployed already."""
    before = db.fetch_all(
        """SELECT d.* FROM deployments d JOIN versions v ON v.id = d.version
           WHERE d.environment = ? AND d.kind = 'deployed' AND d.ended IS NULL AND v.pacticipant = ? AND d.instance IS ?""",
        environment, version["pacticipant"], instance,
    )  # fmt: skip
    for row in before:
        if row["version"] == version["id"]:
            return str(row["uuid"])
        db.execute("UPDATE deployments SET ended = ? WHERE id = ?", now_microseconds(), row["id"])
    return _record(db, DEPLOYED, version["id"], environment, instance)


def release(db: Database, version: Row, environment: int) -> tuple[str, bool]:
    """Record a release, or open it again; gives its uuid and whether it is new."""
    before = db.fetch_one(
        "SELECT * FROM deployments WHERE environment = ? AND version = ? AND kind = 'released'",
        environment,
        version["id"],
    )
    if before:
        db.execute("UPDATE deployments SET ended = NULL WHERE id = ?", before["id"])
        return str(before["uuid"]), False
    return _record(db, RELEASED, version["id"], environment, None), True


def end_deployment(db: Database, identifier: str) -> None:
    """It is no longer deployed or supported; the first end counts."""
    db.execute(
        "UPDATE deployments SET ended = ? WHERE uuid = ? AND ended IS NULL", now_microseconds(), identifier
    )


def _record(db: Database, kind: str, version: int, environment: int, instance: str | None) -> str:
    identifier = str(uuid.uuid4())
    db.insert(
        "deployments",
        uuid=identifier,
        kind=kind,
        version=version,
        environment=environment,
        instance=instance,
        created=now_microseconds(),
    )
    return identifier
