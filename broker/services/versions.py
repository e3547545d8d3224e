"""Create and change versions, and put them on branches."""

from __future__ import annotations

from typing import Any

from broker.database import Database
from broker.store import branches, deployments, environments, tags, versions


def write_version(db: Database, name: str, number: str, fields: dict[str, Any]) -> bool:
    """Set fields of a version, created with its pacticipant if it is missing; return whether it was created.

    Args:
        db: the database.
        name: the pacticipant.
        number: the version number.
        fields: `build_url` and `tags` (names that replace all tags); an absent field stays as it is.
    """
    version, created = versions.find_or_create_version(db, name, number)
    if "build_url" in fields:
        versions.set_build_url(db, version["id"], fields["build_url"])
    if "tags" in fields:
        tags.delete_all(db, version["id"])
        for tag in fields["tags"]:
            # unlike a tag that is put, these never become a branch, as at the official broker
            tags.add_tag(db, version, tag, may_be_branch=False)
    return created


def add_to_branch(db: Database, name: str, number: str, branch: str) -> bool:
    """Add a version to a branch; both are created if missing. Return whether the version was added."""
    version, _ = versions.find_or_create_version(db, name, number)
    return branches.add_branch(db, version, branch)


def tag_version(db: Database, name: str, number: str, tag: str) -> bool:
    """Tag a version and return whether the tag is new; a tag named like an environment records a deployment there."""
    version, _ = versions.find_or_create_version(db, name, number)
    created = tags.add_tag(db, version, tag)
    # the official broker does so by default (create_deployed_versions_for_tags)
    environment = environments.find_by_name(db, tag)
    if environment:
        deployments.deploy(db, version, environment["id"], None)
    return created
