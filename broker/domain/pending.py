"""Whether a pact is pending for a provider, and whether it is work in progress: from plain results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIP_SUCCESS_MAX_AGE_US = 30 * 24 * 3600 * 1_000_000
"""Microseconds after which a success no longer keeps a pact from being work in progress."""


@dataclass(frozen=True, slots=True)
class SuccessfulVerification:
    """A successful result: when, on which branches and tags its version is now, and was tagged when it was published."""

    verified_at: int
    branches: frozenset[str]
    tags: frozenset[str]
    tags_when_published: frozenset[str]
    wip: bool


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """Who verifies: a branch or tags, and when each of them first appeared (None: never)."""

    branch: str | None
    branch_since: int | None
    tags: tuple[tuple[str, int | None], ...]

    @property
    def has_branch_or_tags(self) -> bool:
        """Whether anything is known of the provider version."""
        return self.branch is not None or bool(self.tags)


def is_pending(successes: Sequence[SuccessfulVerification], provider: ProviderContext) -> bool:
    """Until it passed for this provider's branch (or tags), or had passed elsewhere before that branch began."""
    if provider.branch is not None:
        return not _passed_on_branch(successes, provider.branch, provider.branch_since)
    if provider.tags:
        return any(not _passed_with_tag(successes, tag, since) for tag, since in provider.tags)
    return not successes


def is_wip(successes: Iterable[SuccessfulVerification], provider: ProviderContext, now: int) -> bool:
    """Until it was verified as an explicitly selected pact, by the same rule; by branch, old successes are forgotten."""
    explicit = [success for success in successes if not success.wip]
    if provider.branch is not None:
        recent = [success for success in explicit if now - success.verified_at < WIP_SUCCESS_MAX_AGE_US]
        return not _passed_on_branch(recent, provider.branch, provider.branch_since)
    return any(not _passed_with_tag_then(explicit, tag, since) for tag, since in provider.tags)


def _passed_on_branch(successes: Iterable[SuccessfulVerification], branch: str, since: int | None) -> bool:
    return any(
        branch in one.branches or (one.branches and (since is None or one.verified_at < since))
        for one in successes
    )


def _passed_with_tag(successes: Iterable[SuccessfulVerification], tag: str, since: int | None) -> bool:
    return any(
        tag in one.tags or (one.tags and (since is None or one.verified_at < since)) for one in successes
    )


def _passed_with_tag_then(successes: Iterable[SuccessfulVerification], tag: str, since: int | None) -> bool:
    return any(
        tag in one.tags_when_published
        or (one.tags_when_published and (since is None or one.verified_at < since))
        for one in successes
    )
