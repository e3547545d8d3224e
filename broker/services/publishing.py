"""Publish the contracts of a consumer version, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from broker.database import Database, Row
from broker.domain.contracts import Publication, PublishedContract, merge_contract
from broker.domain.json_document import decode_json
from broker.domain.pacticipant_names import find_similar_names
from broker.errors import ContractConflictError
from broker.store import branches, pacticipants, pacts, tags, versions

PUBLISHED, REPUBLISHED, MERGED = "published", "republished, unchanged", "merged with the stored pact"


class PublishedPact(NamedTuple):
    """A stored pact and what has changed: one of `PUBLISHED`, `REPUBLISHED` and `MERGED`."""

    pact: Row
    change: str


@dataclass(frozen=True, slots=True)
class PublicationResult:
    """The consumer version, whether it was created, and its pacts."""

    version: Row
    created: bool
    pacts: list[PublishedPact]


def publish(db: Database, publication: Publication) -> PublicationResult:
    """Store a publication.

    Raises:
        ContractConflictError: A pact of the version has another content already, or a name resembles a known one.
    """
    # read before anything is stored: the notices tell what has changed
    previous = {
        contract.provider: _find_pact(db, publication, contract) for contract in publication.contracts
    }
    contracts = _resolve_conflicts(db, publication, previous)
    version, created = versions.find_or_create_version(
        db, publication.pacticipant, publication.version_number
    )
    if publication.sets_build_url:
        versions.set_build_url(db, version["id"], publication.build_url)
    # before the tags, because a tag becomes the branch of a version that has none
    if publication.branch:
        branches.add_branch(db, version, publication.branch)
    for tag in publication.tags:
        tags.add_tag(db, version, tag)
    for contract in contracts:
        provider = pacticipants.find_or_create(db, contract.provider)
        pacts.publish(db, version, provider, contract.sha, contract.json)
    stored = [_find_pact(db, publication, contract) for contract in contracts]
    return PublicationResult(
        version,
        created,
        [PublishedPact(pact, _change(previous[pact["provider_name"]], pact)) for pact in stored if pact],
    )


def _change(before: Row | None, after: Row) -> str:
    if before is None:
        return PUBLISHED
    return REPUBLISHED if before["content"] == after["content"] else MERGED


def _find_pact(db: Database, publication: Publication, contract: PublishedContract) -> Row | None:
    return pacts.find_entry_by_version(db, contract.provider, contract.consumer, publication.version_number)


def _resolve_conflicts(
    db: Database, publication: Publication, previous: Mapping[str, Row | None]
) -> list[PublishedContract]:
    """Return one contract for each provider, merged with the stored one and with others of the publication."""
    messages = _similar_names(db, {publication.pacticipant, *previous})
    contracts: dict[str, PublishedContract] = {}
    for contract in publication.contracts:
        provider = contract.provider
        contracts[provider], conflicts = _resolve(
            db, contract, contracts.get(provider), previous[provider], publication.version_number
        )
        messages += conflicts
    if messages:
        raise ContractConflictError(messages)
    return list(contracts.values())


def _resolve(
    db: Database,
    contract: PublishedContract,
    published: PublishedContract | None,
    stored: Row | None,
    number: str,
) -> tuple[PublishedContract, list[str]]:
    """Return the contract to store, and its conflicts with another one of the publication or else with the stored one."""
    name, provider = f"Version {number} of {contract.consumer}", contract.provider
    if published is not None and published.sha != contract.sha:
        conflict = (
            f"{name} is published with two pacts with {provider} that have different content. "
            "Publish one of them, or merge them: onConflict 'merge' of the second one"
        )
        return _merge(contract, lambda: decode_json(published.json), name, conflict)
    if published is None and stored is not None and stored["sha"] != contract.sha:
        conflict = (
            f"{name} already has a pact with {provider} with different content. "
            "The pacts of a version never change: publish under a new version number"
        )
        return _merge(contract, lambda: pacts.document_of(db, stored["content"]), name, conflict)
    return contract, []


def _merge(
    contract: PublishedContract, read_other: Callable[[], dict[str, Any]], name: str, conflict: str
) -> tuple[PublishedContract, list[str]]:
    if not contract.merge:
        return contract, [conflict]
    merged, conflicts = merge_contract(contract, read_other())
    return merged, [f"{name} cannot be merged: {text}" for text in conflicts]


def _similar_names(db: Database, names: set[str]) -> list[str]:
    known = [row["name"] for row in pacticipants.list_all(db)]
    return [
        f"'{name}' is very similar to the known pacticipant '{other}': if it is another one, create it first by POST to /pacticipants"
        for name in sorted(names)
        for other in find_similar_names(name, known)
    ]
