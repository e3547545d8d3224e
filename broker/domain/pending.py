"""Pending and WIP status of a pact for a provider, decided from its successful verification results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIP_SUCCESS_MAX_AGE_US = 30 * 24 * 3600 * 1_000_000
"""Microseconds: an older success no longer keeps a pact from being work in progress, as at the official broker."""


@dataclass(frozen=True, slots=True)
class SuccessfulVerification:
    """A successful verification result.

    Attributes:
        verified_at: microseconds since 1970.
        branches: the current branches of the provider version.
        tags: the current tags of the provider version.
        tags_when_published: the tags the provider version had when the result was published.
        wip: whether the pact was verified as work in progress.
    """

    verified_at: int
    branches: frozenset[str]
    tags: frozenset[str]
    tags_when_published: frozenset[str]
    wip: bool


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """The provider branch or tags a verification is for; times are microseconds since 1970, None if there was no such event.

    Attributes:
        branch: the branch.
        branch_since: when the branch was created.
        branch_version_since: when the oldest version on the branch was created, which may have been before the branch.
        tags: the tags, each with the time of its first use.
    """

    branch: str | None
    branch_since: int | None
    branch_version_since: int | None
    tags: tuple[tuple[str, int | None], ...]

    @property
    def has_branch_or_tags(self) -> bool:
        """Whether a branch or a tag is given."""
        return self.branch is not None or bool(self.tags)


def is_pending(successes: Sequence[SuccessfulVerification], provider: ProviderContext) -> bool:
    """Return whether a failure of the pact must not fail the provider's build.

    True until the pact has passed on this provider branch (or tag), or passed on another one before this one existed.
    """
    # tags beside a branch are ignored, as at the official broker
    if provider.branch is not None:
        return not _has_passed_on_branch(successes, provider.branch, provider.branch_since)
    if provider.tags:
        return any(not _has_passed_with_tag(successes, tag, since) for tag, since in provider.tags)
    return not successes


def is_wip(successes: Iterable[SuccessfulVerification], provider: ProviderContext, now: int) -> bool:
    """Return whether the pact is work in progress at a time in microseconds since 1970.

    The rule is that of `is_pending`, over pacts verified by explicit selection. By branch, old successes do not count, and
    another branch counts if it passed before the first *version* of this one, as at the official broker.
    """
    explicit = [success for success in successes if not success.wip]
    if provider.branch is not None:
        recent = [success for success in explicit if now - success.verified_at < WIP_SUCCESS_MAX_AGE_US]
        return not _has_passed_on_branch(recent, provider.branch, provider.branch_version_since)
    return any(not _had_passed_with_tag(explicit, tag, since) for tag, since in provider.tags)


def _has_passed_on_branch(
    successes: Iterable[SuccessfulVerification], branch: str, since: int | None
) -> bool:
    return any(_counts(success, success.branches, branch, since) for success in successes)


def _has_passed_with_tag(successes: Iterable[SuccessfulVerification], tag: str, since: int | None) -> bool:
    return any(_counts(success, success.tags, tag, since) for success in successes)


def _had_passed_with_tag(successes: Iterable[SuccessfulVerification], tag: str, since: int | None) -> bool:
    return any(_counts(success, success.tags_when_published, tag, since) for success in successes)


def _counts(success: SuccessfulVerification, names: frozenset[str], name: str, since: int | None) -> bool:
    # a version on no branch never counts as one on another branch, as at the official broker
    return name in names or (bool(names) and (since is None or success.verified_at < since))
