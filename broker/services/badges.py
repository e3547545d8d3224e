"""The statuses that badges show."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.badge import (
    PACT_NOT_FOUND,
    Badge,
    deployment_badge,
    merge_badge,
    not_found_badge,
    pact_badge,
    pact_label,
)
from broker.domain.matrix import VersionFilter
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import branches, environments, pacticipants, verification_results, versions


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """How a badge is labelled: `label` as the client gave it, and whether names are shortened to initials."""

    label: str | None
    initials: bool


def badge_of_pact(db: Database, pact: Row | None, options: LabelOptions) -> Badge:
    """Return the badge of a pact: its newest result, or else that of an earlier pact of the same integration."""
    if pact is None:
        return PACT_NOT_FOUND
    label = pact_label(pact["consumer"], pact["provider_name"], options.label, initials=options.initials)
    result = verification_results.latest_result(db, pact["content"])
    is_for_other_content = result is None
    if result is None:
        result = verification_results.latest_result_before(db, pact)
    return pact_badge(
        label,
        success=None if result is None else bool(result["success"]),
        is_for_other_content=is_for_other_content,
        is_pending=result is not None and bool(result["wip"]),
    )


def badge_of_tagged_versions(
    db: Database, pact: Row | None, provider_version: Row | None, options: LabelOptions
) -> Badge:
    """Return the badge of a pact's newest result by one provider version."""
    if pact is None:
        return PACT_NOT_FOUND
    label = pact_label(pact["consumer"], pact["provider_name"], options.label, initials=options.initials)
    result = (
        verification_results.latest_result_of_version(db, pact["content"], provider_version["id"])
        if provider_version
        else None
    )
    return pact_badge(label, success=None if result is None else bool(result["success"]))


def badge_of_tag_to_tag(
    db: Database, name: str, tag: str, target: str, label: str, *, official_rules: bool
) -> Badge:
    """Return whether the newest version with a tag can be deployed to what has another tag."""
    pacticipant = pacticipants.find_by_name(db, name)
    if pacticipant is None:
        return not_found_badge("pacticipant")
    version = versions.latest_version(db, name, tag)
    if version is None:
        return not_found_badge("version")
    target_filter = VersionFilter(tag=target, latest=True)
    query = _query(pacticipant, version["number"], target_filter, "cvp", official_rules=official_rules)
    deployable = run_query(db, query).deployable
    return deployment_badge(label, f"{tag} to {target}", deployable=deployable)


def badge_of_branch_to_environment(
    db: Database, name: str, branch: str, environment: str, label: str, *, official_rules: bool
) -> Badge:
    """Return whether the newest version on a branch can be deployed to an environment."""
    pacticipant = pacticipants.find_by_name(db, name)
    if pacticipant is None:
        return not_found_badge("pacticipant")
    if environments.find_by_name(db, environment) is None:
        return not_found_badge("environment")
    version = versions.find_by_id(db, branches.branch_head(db, pacticipant["id"], branch))
    if version is None:
        return not_found_badge("version")
    target = VersionFilter(environment=environment)
    query = _query(pacticipant, version["number"], target, "cvpv", official_rules=official_rules)
    deployable = run_query(db, query).deployable
    return deployment_badge(label, f"{branch} to {environment}", deployable=deployable)


def badge_of_main_branch(db: Database, name: str, label: str, *, official_rules: bool) -> Badge:
    """Return whether the head of the main branch works with the heads of all other main branches."""
    pacticipant = pacticipants.find_by_name(db, name)
    if pacticipant is None:
        return not_found_badge("pacticipant")
    main = pacticipant["main_branch"]
    version = versions.find_by_id(db, branches.branch_head(db, pacticipant["id"], main)) if main else None
    if version is None:
        return merge_badge(label, mergeable=None)
    target = VersionFilter(main_branch=True, latest=True)
    query = _query(pacticipant, version["number"], target, "cvp", official_rules=official_rules)
    return merge_badge(label, mergeable=run_query(db, query).deployable)


def _query(
    pacticipant: Row, number: str, target: VersionFilter, latestby: str, *, official_rules: bool
) -> MatrixQuery:
    selector = QuerySelector(pacticipant, VersionFilter(number=number))
    return MatrixQuery(
        selectors=[selector], inferred_filter=target, latestby=latestby, official_rules=official_rules
    )
