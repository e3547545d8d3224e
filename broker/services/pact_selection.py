"""The pacts that consumer version selectors select, with a reason for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.selectors import ConsumerVersionSelector
from broker.store import branches, deployments, pacts, pacts_for_verification, versions


@dataclass(frozen=True, slots=True)
class SelectedPact:
    """A pact and why it was selected, in words."""

    pact: Row
    reason: str


def select_pacts(
    db: Database, provider: Row, selectors: Sequence[ConsumerVersionSelector]
) -> list[SelectedPact]:
    """Return the pacts the selectors select, or the default selection; a pact once for each selector that matches."""
    if not selectors:
        return _select_by_default(db, provider)
    return [selected for selector in selectors for selected in _select(db, provider, selector)]


def _select_by_default(db: Database, provider: Row) -> list[SelectedPact]:
    """Select the main branch's head or else the newest pact of each consumer, and all that is deployed or released."""
    selected: list[SelectedPact] = []
    for consumer in pacts.consumers_of(db, provider["id"]):
        main = consumer["main_branch"]
        # a head without a pact selects nothing, as at the official broker
        if main and branches.branch_head(db, consumer["id"], main):
            selected += _main_branch_head(db, provider, consumer)
        elif main and (tagged := _latest_with_tag(db, provider, consumer, main)):
            selected += tagged
        else:
            selected += _latest(db, provider, consumer)
    everywhere = ConsumerVersionSelector(deployed=True, released=True)
    return selected + list(_in_environments(db, provider, everywhere))


def _select(db: Database, provider: Row, selector: ConsumerVersionSelector) -> list[SelectedPact]:
    if selector.deployed or selector.released:
        return list(_in_environments(db, provider, selector))
    consumers = [
        row for row in pacts.consumers_of(db, provider["id"]) if selector.consumer in {None, row["name"]}
    ]
    selected = [
        item for consumer in consumers for item in _select_of_consumer(db, provider, consumer, selector)
    ]
    return selected or [
        item for consumer in consumers for item in _fallback(db, provider, consumer, selector)
    ]


def _fallback(
    db: Database, provider: Row, consumer: Row, selector: ConsumerVersionSelector
) -> list[SelectedPact]:
    if selector.fallback_tag:
        return _latest_with_tag(db, provider, consumer, selector.fallback_tag)
    if selector.fallback_branch:
        return _branch_head(db, provider, consumer, selector.fallback_branch)
    return []


def _select_of_consumer(
    db: Database, provider: Row, consumer: Row, selector: ConsumerVersionSelector
) -> list[SelectedPact]:
    if selector.main_branch:
        return _main_branch_head(db, provider, consumer)
    if selector.branch is True:
        names = [row["name"] for row in branches.list_for_pacticipant(db, consumer["id"])]
        return [item for name in names for item in _branch_head(db, provider, consumer, name)]
    if selector.branch:
        return _branch_head(db, provider, consumer, selector.branch)
    if selector.tag and selector.latest:
        return _latest_with_tag(db, provider, consumer, selector.tag)
    if selector.tag:
        tagged = pacts.list_with_tag(db, provider["id"], consumer["id"], selector.tag)
        return [SelectedPact(row, f"one of {selector.tag}") for row in tagged]
    return _latest(db, provider, consumer) if selector.latest else []


def _latest(db: Database, provider: Row, consumer: Row) -> list[SelectedPact]:
    newest = pacts_for_verification.latest_pact(db, provider["id"], consumer["id"])
    return [SelectedPact(newest, "latest")] if newest else []


def _main_branch_head(db: Database, provider: Row, consumer: Row) -> list[SelectedPact]:
    main = consumer["main_branch"]
    head = branches.branch_head(db, consumer["id"], main) if main else None
    return _pact_of_version(db, provider, head, "latest from main branch")


def _branch_head(db: Database, provider: Row, consumer: Row, branch: str) -> list[SelectedPact]:
    head = branches.branch_head(db, consumer["id"], branch)
    return _pact_of_version(db, provider, head, f"latest from branch {branch}")


def _latest_with_tag(db: Database, provider: Row, consumer: Row, tag: str) -> list[SelectedPact]:
    newest = versions.latest_version(db, consumer["name"], tag)
    return _pact_of_version(db, provider, newest["id"], f"latest with tag {tag}") if newest else []


def _pact_of_version(db: Database, provider: Row, version: int | None, reason: str) -> list[SelectedPact]:
    pact = pacts_for_verification.pact_of_version(db, provider["id"], version)
    return [SelectedPact(pact, reason)] if pact else []


def _in_environments(
    db: Database, provider: Row, selector: ConsumerVersionSelector
) -> Iterator[SelectedPact]:
    for selects, kind, verb in (
        (selector.deployed, deployments.DEPLOYED, "deployed to"),
        (selector.released, deployments.RELEASED, "released in"),
    ):
        if not selects:
            continue
        for pact in pacts_for_verification.pacts_in_environments(db, provider["id"], kind):
            environment = pact["environment_name"]
            if selector.consumer in {None, pact["consumer"]} and selector.environment in {None, environment}:
                yield SelectedPact(pact, f"{verb} {environment}")
