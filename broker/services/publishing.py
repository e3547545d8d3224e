"""Publish the contracts of a consumer version, all or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from broker.database import Database, Row
from broker.domain.contracts import Publication, PublishedContract, merge_contract
from broker.domain.json_document import decode_json, encode_json
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
    contracts = _resolve_conflicts(db, publication)
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
    # read before anything is stored: the notices tell what has changed
    previous = [_find_pact(db, publication, contract) for contract in publication.contracts]
    for contract in contracts:
        provider = pacticipants.find_or_create(db, contract.provider)
        pacts.publish(db, version, provider, contract.sha, encode_json(contract.document))
    stored = [_find_pact(db, publication, contract) for contract in contracts]
    return PublicationResult(
        version,
        created,
        [
            PublishedPact(pact, _change(before, pact))
            for pact, before in zip(stored, previous, strict=True)
            if pact
        ],
    )


def _change(before: Row | None, after: Row) -> str:
    if before is None:
        return PUBLISHED
    return REPUBLISHED if before["content"] == after["content"] else MERGED


def _find_pact(db: Database, publication: Publication, contract: PublishedContract) -> Row | None:
    return pacts.find_by_version(db, contract.provider, contract.consumer, publication.version_number)


def _resolve_conflicts(db: Database, publication: Publication) -> list[PublishedContract]:
    names = {publication.pacticipant, *(contract.provider for contract in publication.contracts)}
    messages = _similar_names(db, names)
    contracts = []
    for contract in publication.contracts:
        stored = _find_pact(db, publication, contract)
        if stored and stored["sha"] != contract.sha:
            merged, conflicts = _merge(publication, contract, stored)
            messages += conflicts
            contracts.append(merged)
        else:
            contracts.append(contract)
    if messages:
        raise ContractConflictError(messages)
    return contracts


def _merge(
    publication: Publication, contract: PublishedContract, stored: Row
) -> tuple[PublishedContract, list[str]]:
    name = f"Version {publication.version_number} of {contract.consumer}"
    if not contract.merge:
        conflict = (
            f"{name} already has a pact with {contract.provider} with different content. "
            "The pacts of a version never change: publish under a new version number"
        )
        return contract, [conflict]
    merged, conflicts = merge_contract(contract, decode_json(stored["json"]))
    return merged, [f"{name} cannot be merged: {conflict}" for conflict in conflicts]


def _similar_names(db: Database, names: set[str]) -> list[str]:
    known = [row["name"] for row in pacticipants.list_all(db)]
    return [
        f"'{name}' is very similar to the known pacticipant '{other}': if it is another one, create it first by POST to /pacticipants"
        for name in sorted(names)
        for other in find_similar_names(name, known)
    ]
