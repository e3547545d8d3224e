"""Which pacts a provider is given to verify: selectors made into pacts, and the facts pending and WIP stand on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.pending import ProviderContext, SuccessfulVerification
from broker.domain.selectors import ConsumerVersionSelector
from broker.store import pacticipants, pacts


@dataclass(frozen=True, slots=True)
class SelectedPact:
    """A pact, and in words why it was chosen."""

    pact: Row
    reason: str


def select_pacts(
    db: Database, provider: Row, selectors: Iterable[ConsumerVersionSelector]
) -> list[SelectedPact]:
    """The pacts the selectors choose, one for each selector that matched it."""
    selectors = list(selectors)
    found = [chosen for selector in selectors for chosen in _by_selector(db, provider, selector)]
    return found if selectors else _by_default(db, provider)


def head_pacts_since(db: Database, provider: Row, after: int) -> list[Row]:
    """The pacts published after a time that belong to the head version of any consumer branch or tag."""
    return db.fetch_all(
        f"""{pacts.SELECT_PACT} WHERE p.current = 1 AND p.provider = ? AND p.created > ? AND (
            v.id IN (SELECT version FROM branch_versions WHERE id IN (SELECT max(bv.id) FROM branch_versions bv GROUP BY bv.branch))
            OR EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND v.id = (SELECT max(tv.id) FROM versions tv
                JOIN tags tt ON tt.version = tv.id WHERE tv.pacticipant = v.pacticipant AND tt.name = t.name))
            ) ORDER BY lower(consumer.name), v.id""",
        provider["id"], after,
    )  # fmt: skip


def successful_verifications(db: Database, content: int) -> list[SuccessfulVerification]:
    """All successful results for a content."""
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
            branches=frozenset(json.loads(row["branches"])),
            tags=frozenset(json.loads(row["tags_now"])),
            tags_when_published=frozenset(json.loads(row["tags"])),
            wip=bool(row["wip"]),
        )
        for row in rows
    ]


def provider_context(db: Database, provider: Row, branch: str | None, tags: Iterable[str]) -> ProviderContext:
    """What is known of the branch and tags a provider verifies for."""
    since = branch and db.fetch_value(
        "SELECT created FROM branches WHERE pacticipant = ? AND name = ?", provider["id"], branch
    )
    first_use = "SELECT min(t.created) FROM tags t JOIN versions v ON v.id = t.version WHERE v.pacticipant = ? AND t.name = ?"
    return ProviderContext(
        branch or None,
        since or None,
        tuple((tag, db.fetch_value(first_use, provider["id"], tag)) for tag in tags),
    )


def _by_default(db: Database, provider: Row) -> list[SelectedPact]:
    """Per consumer the main branch's head, or else the newest; and all that is deployed or released."""
    found: list[SelectedPact] = []
    for consumer in pacts.consumers_of(db, provider["id"]):
        main = consumer["main_branch"]
        if main and pacticipants.branch_head(db, consumer["id"], main):
            found += _head(db, provider, consumer, main, "latest from main branch")
        elif main and (tagged := _latest_tagged(db, provider, consumer, main)):
            found += tagged
        elif newest := pacts.latest(db, provider["name"], consumer["name"]):
            found.append(SelectedPact(newest, "latest"))
    return found + list(_in_environments(db, provider, ConsumerVersionSelector(deployed=True, released=True)))


def _by_selector(db: Database, provider: Row, selector: ConsumerVersionSelector) -> list[SelectedPact]:
    if selector.deployed or selector.released:
        return list(_in_environments(db, provider, selector))
    consumers = [
        row for row in pacts.consumers_of(db, provider["id"]) if selector.consumer in {None, row["name"]}
    ]
    found = [chosen for consumer in consumers for chosen in _of_consumer(db, provider, consumer, selector)]
    if found or not selector.fallback_tag:
        return found
    fallback = ConsumerVersionSelector(consumer=selector.consumer, tag=selector.fallback_tag, latest=True)
    return [chosen for consumer in consumers for chosen in _of_consumer(db, provider, consumer, fallback)]


def _of_consumer(
    db: Database, provider: Row, consumer: Row, selector: ConsumerVersionSelector
) -> list[SelectedPact]:
    if selector.main_branch:
        main = consumer["main_branch"]
        return _head(db, provider, consumer, main, "latest from main branch") if main else []
    if selector.branch is True:
        names = db.fetch_all("SELECT name FROM branches WHERE pacticipant = ? ORDER BY id", consumer["id"])
        return [
            one
            for row in names
            for one in _head(db, provider, consumer, row["name"], f"latest from branch {row['name']}")
        ]
    if selector.branch:
        return _head(db, provider, consumer, str(selector.branch), f"latest from branch {selector.branch}")
    if selector.tag and selector.latest:
        return _latest_tagged(db, provider, consumer, selector.tag)
    if selector.tag:
        return _all_tagged(db, provider, consumer, selector.tag)
    newest = pacts.latest(db, provider["name"], consumer["name"])
    return [SelectedPact(newest, "latest")] if newest and selector.latest else []


def _head(db: Database, provider: Row, consumer: Row, branch: str, reason: str) -> list[SelectedPact]:
    return _of_version(db, provider, pacticipants.branch_head(db, consumer["id"], branch), reason)


def _latest_tagged(db: Database, provider: Row, consumer: Row, tag: str) -> list[SelectedPact]:
    newest = pacticipants.latest_version(db, consumer["name"], tag)
    return _of_version(db, provider, newest["id"], f"latest with tag {tag}") if newest else []


def _of_version(db: Database, provider: Row, version: int | None, reason: str) -> list[SelectedPact]:
    """The pact of a version; nothing when it has none with the provider."""
    row = db.fetch_one(
        f"{pacts.SELECT_PACT} WHERE p.current = 1 AND p.version = ? AND p.provider = ?",
        version,
        provider["id"],
    )
    return [SelectedPact(row, reason)] if row else []


def _all_tagged(db: Database, provider: Row, consumer: Row, tag: str) -> list[SelectedPact]:
    rows = db.fetch_all(
        f"""{pacts.SELECT_PACT} WHERE p.current = 1 AND p.provider = ? AND v.pacticipant = ?
            AND EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?) ORDER BY v.id""",
        provider["id"], consumer["id"], tag,
    )  # fmt: skip
    return [SelectedPact(row, f"one of {tag}") for row in rows]


def _in_environments(
    db: Database, provider: Row, selector: ConsumerVersionSelector
) -> Iterator[SelectedPact]:
    wanted: list[tuple[bool, str, Callable[[Row], str]]] = [
        (selector.deployed, "deployed", lambda row: f"deployed to {row['environment_name']}"),
        (selector.released, "released", lambda row: f"released in {row['environment_name']}"),
    ]
    for asked, kind, reason in wanted:
        if asked:
            for row in _present(db, provider, kind, selector):
                yield SelectedPact(row, reason(row))


def _present(db: Database, provider: Row, kind: str, selector: ConsumerVersionSelector) -> list[Row]:
    sql = pacts.SELECT_PACT.replace("SELECT p.*", "SELECT p.*, e.name AS environment_name", 1)
    rows = db.fetch_all(
        f"""{sql} JOIN deployments d ON d.version = v.id JOIN environments e ON e.id = d.environment
            WHERE p.current = 1 AND p.provider = ? AND d.kind = ? AND d.ended IS NULL ORDER BY d.id""",
        provider["id"], kind,
    )  # fmt: skip
    return [
        row
        for row in rows
        if selector.consumer in {None, row["consumer"]}
        and selector.environment in {None, row["environment_name"]}
    ]
