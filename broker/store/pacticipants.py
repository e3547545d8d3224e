"""Pacticipants, their versions, branches and tags."""

from __future__ import annotations

from broker.database import Database, Row, now_microseconds
from broker.domain.pacticipant_names import display_name

MAIN_BRANCHES = ("develop", "main", "master")
TAG_TO_BRANCH_WINDOW_US = 10_000_000
"""Microseconds: the first tag of a version younger than this becomes its branch."""


def find_by_name(db: Database, name: str) -> Row | None:
    """A pacticipant by its name; case counts."""
    return db.fetch_one("SELECT * FROM pacticipants WHERE name = ?", name)


def find_or_create(db: Database, name: str) -> Row:
    """The pacticipant, made if it is missing."""
    at = now_microseconds()
    db.execute(
        "INSERT OR IGNORE INTO pacticipants (name, display_name, created, updated) VALUES (?, ?, ?, ?)",
        name, display_name(name), at, at,
    )  # fmt: skip
    found = find_by_name(db, name)
    if found is None:
        raise LookupError(name)
    return found


def find_version(db: Database, name: str, number: str) -> Row | None:
    """A version, with its pacticipant's name."""
    return db.fetch_one(
        "SELECT v.*, p.name FROM versions v JOIN pacticipants p ON p.id = v.pacticipant WHERE p.name = ? AND v.number = ?",
        name, number,
    )  # fmt: skip


def find_or_create_version(db: Database, name: str, number: str) -> tuple[Row, bool]:
    """The version, made with its pacticipant if it is missing, and whether it was made."""
    found = find_version(db, name, number)
    if found:
        return found, False
    owner = find_or_create(db, name)["id"]
    db.insert("versions", pacticipant=owner, number=number, created=now_microseconds())
    made = find_version(db, name, number)
    if made is None:
        raise LookupError(number)
    return made, True


def latest_version(db: Database, name: str, tag: str | None = None) -> Row | None:
    """The version created last, of those with the tag if one is given."""
    condition = (
        "" if tag is None else "AND EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?)"
    )
    values = (name,) if tag is None else (name, tag)
    return db.fetch_one(
        f"SELECT v.*, p.name FROM versions v JOIN pacticipants p ON p.id = v.pacticipant WHERE p.name = ? {condition} ORDER BY v.id DESC LIMIT 1",
        *values,
    )


def add_branch(db: Database, version: Row, branch: str) -> bool:
    """Put a version on a branch, as its head unless it was on it before; whether it is new there."""
    at = now_microseconds()
    db.execute(
        "INSERT OR IGNORE INTO branches (pacticipant, name, created) VALUES (?, ?, ?)",
        version["pacticipant"],
        branch,
        at,
    )
    found = find_branch(db, version["pacticipant"], branch)
    _detect_main_branch(db, version["pacticipant"], branch)
    known = db.fetch_value(
        "SELECT 1 FROM branch_versions WHERE branch = ? AND version = ?", found["id"], version["id"]
    )
    if not known:
        db.insert("branch_versions", branch=found["id"], version=version["id"], created=at)
    return not known


def find_branch(db: Database, pacticipant: int, name: str) -> Row:
    """A branch that exists.

    Raises:
        LookupError: it does not.
    """
    found = db.fetch_one("SELECT * FROM branches WHERE pacticipant = ? AND name = ?", pacticipant, name)
    if found is None:
        raise LookupError(name)
    return found


def add_tag(db: Database, version: Row, tag: str, *, may_be_branch: bool = True) -> bool:
    """Tag a version; its first tag is taken for its branch, if it has none and is new. Whether the tag is new."""
    known = db.fetch_value("SELECT 1 FROM tags WHERE version = ? AND name = ?", version["id"], tag)
    if known:
        return False
    on_branch = db.fetch_value("SELECT 1 FROM branch_versions WHERE version = ?", version["id"])
    tagged = db.fetch_value("SELECT 1 FROM tags WHERE version = ?", version["id"])
    young = now_microseconds() - version["created"] < TAG_TO_BRANCH_WINDOW_US
    db.insert("tags", version=version["id"], name=tag, created=now_microseconds())
    _detect_main_branch(db, version["pacticipant"], tag)
    if may_be_branch and young and not on_branch and not tagged:
        add_branch(db, version, tag)
    return True


def branches_of(db: Database, version: int) -> list[Row]:
    """The branches a version is on, and whether it is the head of each."""
    return db.fetch_all(
        """SELECT b.name, bv.created, bv.id = (SELECT max(id) FROM branch_versions WHERE branch = b.id) AS latest
           FROM branch_versions bv JOIN branches b ON b.id = bv.branch WHERE bv.version = ? ORDER BY bv.id""",
        version,
    )


def tags_of(db: Database, version: int) -> list[Row]:
    """A version's tags, oldest first, and whether it is the newest of its pacticipant with each."""
    return db.fetch_all(
        """SELECT t.*, t.version = (SELECT max(o.id) FROM tags ot JOIN versions o ON o.id = ot.version
               WHERE ot.name = t.name AND o.pacticipant = v.pacticipant) AS latest
           FROM tags t JOIN versions v ON v.id = t.version WHERE t.version = ? ORDER BY t.id""",
        version,
    )


def branch_head(db: Database, pacticipant: int, branch: str) -> int | None:
    """The version added last to a branch."""
    found: int | None = db.fetch_value(
        """SELECT bv.version FROM branch_versions bv JOIN branches b ON b.id = bv.branch
           WHERE b.pacticipant = ? AND b.name = ? ORDER BY bv.id DESC LIMIT 1""",
        pacticipant, branch,
    )  # fmt: skip
    return found


def _detect_main_branch(db: Database, pacticipant: int, name: str) -> None:
    if name in MAIN_BRANCHES:
        db.execute(
            "UPDATE pacticipants SET main_branch = ? WHERE id = ? AND main_branch IS NULL", name, pacticipant
        )
