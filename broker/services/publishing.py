"""Publish the contracts of a consumer version, all or none."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.contracts import Publication, PublishedContract
from broker.domain.json_document import encode_json
from broker.domain.pacticipant_names import find_similar_names
from broker.errors import ContractConflictError
from broker.store import branches, pacticipants, pacts, tags, versions


@dataclass(frozen=True, slots=True)
class PublicationResult:
    """The consumer version, whether it was created, and its pacts with whether each was stored before."""

    version: Row
    created: bool
    pacts: list[tuple[Row, bool]]


def publish(db: Database, publication: Publication) -> PublicationResult:
    """Store a publication.

    Raises:
        ContractConflictError: A pact of the version has another content already, or a name resembles a known one.
    """
    _check_conflicts(db, publication)
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
    # read before anything is stored: the notices tell published from republished
    known = [_find_pact(db, publication, contract) is not None for contract in publication.contracts]
    for contract in publication.contracts:
        provider = pacticipants.find_or_create(db, contract.provider)
        pacts.publish(db, version, provider, contract.sha, encode_json(contract.document))
    stored = [_find_pact(db, publication, contract) for contract in publication.contracts]
    return PublicationResult(
        version, created, [(pact, flag) for pact, flag in zip(stored, known, strict=True) if pact]
    )


def _find_pact(db: Database, publication: Publication, contract: PublishedContract) -> Row | None:
    return pacts.find_by_version(db, contract.provider, contract.consumer, publication.version_number)


def _check_conflicts(db: Database, publication: Publication) -> None:
    names = {publication.pacticipant, *(contract.provider for contract in publication.contracts)}
    messages = _similar_names(db, names)
    for contract in publication.contracts:
        stored = _find_pact(db, publication, contract)
        if stored and stored["sha"] != contract.sha:
            messages.append(
                f"Version {publication.version_number} of {contract.consumer} already has a pact with {contract.provider} "
                "with different content. The pacts of a version never change: publish under a new version number"
            )
    if messages:
        raise ContractConflictError(messages)


def _similar_names(db: Database, names: set[str]) -> list[str]:
    known = [row["name"] for row in pacticipants.list_all(db)]
    return [
        f"'{name}' is very similar to the known pacticipant '{other}': if it is another one, create it first by POST to /pacticipants"
        for name in sorted(names)
        for other in find_similar_names(name, known)
    ]
