"""Queries and statements on tags of versions."""

from __future__ import annotations

from broker.database import Database, Row, now_microseconds
from broker.store import branches, pacticipants

TAG_TO_BRANCH_WINDOW_US = 10_000_000
"""Microseconds: the first tag of a version younger than this also becomes its branch, as at the official broker."""


def tags_of(db: Database, version: int) -> list[Row]:
    """Return the tags of a version, oldest first, and whether it is the newest version with each."""
    return db.fetch_all(
        """SELECT t.*, t.version = (SELECT o.version FROM tags o WHERE o.pacticipant_id = t.pacticipant_id AND o.name = t.name
               ORDER BY o.version DESC LIMIT 1) AS latest
           FROM tags t WHERE t.version = ? ORDER BY t.id""",
        version,
    )


def add_tag(db: Database, version: Row, tag: str, *, may_be_branch: bool = True) -> bool:
    """Tag a version and return whether the tag is new; the first tag of a new version becomes its branch."""
    known = db.fetch_value("SELECT 1 FROM tags WHERE version = ? AND name = ?", version["id"], tag)
    if known:
        return False
    # read before the insert, because only the first tag of a version becomes its branch
    on_branch = db.fetch_value("SELECT 1 FROM branch_versions WHERE version = ?", version["id"])
    tagged = db.fetch_value("SELECT 1 FROM tags WHERE version = ?", version["id"])
    young = now_microseconds() - version["created"] < TAG_TO_BRANCH_WINDOW_US
    db.insert("tags", version=version["id"], name=tag, created=now_microseconds())
    pacticipants.detect_main_branch(db, version["pacticipant"], tag)
    if may_be_branch and young and not on_branch and not tagged:
        branches.add_branch(db, version, tag)
    return True


def delete(db: Database, version: int, tag: str) -> None:
    """Remove a tag of a version."""
    db.execute("DELETE FROM tags WHERE version = ? AND name = ?", version, tag)


def delete_all(db: Database, version: int) -> None:
    """Remove all tags of a version."""
    db.execute("DELETE FROM tags WHERE version = ?", version)
