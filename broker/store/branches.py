"""Queries and statements on branches; the head of a branch is the version added to it last."""

from __future__ import annotations

from broker.database import Database, Row, now_microseconds
from broker.store import pacticipants


def find_branch(db: Database, pacticipant: int, name: str) -> Row | None:
    """Return a branch of a pacticipant."""
    return db.fetch_one("SELECT * FROM branches WHERE pacticipant = ? AND name = ?", pacticipant, name)


def list_for_pacticipant(db: Database, pacticipant: int) -> list[Row]:
    """Return the branches of a pacticipant, oldest first."""
    return db.fetch_all("SELECT * FROM branches WHERE pacticipant = ? ORDER BY id", pacticipant)


def branches_of(db: Database, version: int) -> list[Row]:
    """Return the branches of a version, oldest first, and whether it is the head of each."""
    return db.fetch_all(
        """SELECT b.name, bv.created, bv.id = (SELECT id FROM branch_versions WHERE branch = b.id ORDER BY id DESC LIMIT 1) AS latest
           FROM branch_versions bv JOIN branches b ON b.id = bv.branch WHERE bv.version = ? ORDER BY bv.id""",
        version,
    )


def branch_head(db: Database, pacticipant: int, branch: str) -> int | None:
    """Return the id of the version added last to a branch."""
    head: int | None = db.fetch_value(
        """SELECT bv.version FROM branch_versions bv JOIN branches b ON b.id = bv.branch
           WHERE b.pacticipant = ? AND b.name = ? ORDER BY bv.id DESC LIMIT 1""",
        pacticipant, branch,
    )  # fmt: skip
    return head


def add_branch(db: Database, version: Row, name: str) -> bool:
    """Add a version to a branch, as its head unless it is there already; return whether it was added."""
    now = now_microseconds()
    db.execute(
        # an existing branch keeps its time of creation, on which the pending status depends
        "INSERT OR IGNORE INTO branches (pacticipant, name, created) VALUES (?, ?, ?)",
        version["pacticipant"],
        name,
        now,
    )
    branch = db.fetch_value(
        "SELECT id FROM branches WHERE pacticipant = ? AND name = ?", version["pacticipant"], name
    )
    pacticipants.detect_main_branch(db, version["pacticipant"], name)
    known = db.fetch_value(
        "SELECT 1 FROM branch_versions WHERE branch = ? AND version = ?", branch, version["id"]
    )
    if not known:
        db.insert("branch_versions", branch=branch, version=version["id"], created=now)
    return not known


def remove_version(db: Database, branch: int, version: int) -> bool:
    """Take a version off a branch and return whether it was on it; a new head is the newest version that is left."""
    known = db.fetch_one("SELECT id FROM branch_versions WHERE branch = ? AND version = ?", branch, version)
    if known is None:
        return False
    head = db.fetch_value("SELECT max(id) FROM branch_versions WHERE branch = ?", branch)
    db.delete("branch_versions", known["id"])
    if known["id"] == head:
        _make_newest_version_head(db, branch)
    return True


def _make_newest_version_head(db: Database, branch: int) -> None:
    newest = db.fetch_one(
        "SELECT * FROM branch_versions WHERE branch = ? ORDER BY version DESC LIMIT 1", branch
    )
    if newest:
        # the head is the row with the highest id
        db.delete("branch_versions", newest["id"])
        db.insert("branch_versions", branch=branch, version=newest["version"], created=newest["created"])


def delete(db: Database, branch: int) -> None:
    """Delete a branch; its versions stay."""
    db.delete("branches", branch)
