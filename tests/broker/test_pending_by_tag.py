"""Pending and WIP decisions for a provider that is verified by tags, or without branch and tags."""

from __future__ import annotations

import pytest

from broker.domain.pending import ProviderContext, SuccessfulVerification, is_pending, is_wip

NOW = 1_000


def success(
    tags: str = "", tags_when_published: str = "", *, verified_at: int = 50
) -> SuccessfulVerification:
    """Return a successful result of a provider version with these tags, separated by spaces."""
    return SuccessfulVerification(
        verified_at, frozenset(), frozenset(tags.split()), frozenset(tags_when_published.split()), wip=False
    )


def tagged(*tags: tuple[str, int | None]) -> ProviderContext:
    """Return the context of a provider with tags and their first use."""
    return ProviderContext(branch=None, branch_since=None, branch_version_since=None, tags=tags)


@pytest.mark.parametrize(
    ("successes", "tags", "pending"),
    [
        ([success("prod")], [("prod", 0)], False),
        ([success("prod"), success("test")], [("prod", 0)], False),
        ([success("test")], [("prod", 50)], True),
        ([success("test")], [("prod", 51)], False),
        ([success("test")], [("prod", None)], False),
        ([success()], [("prod", None)], True),
        ([success("prod")], [("prod", 0), ("test", 0)], True),
        ([success("prod"), success("test")], [("prod", 0), ("test", 0)], False),
        ([], [("prod", 0)], True),
    ],
)
def test_pact_is_pending_until_it_passed_with_every_tag(
    successes: list[SuccessfulVerification],
    tags: list[tuple[str, int | None]],
    pending: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """A success with another tag counts if it is older than this one; one without tags never does."""
    assert is_pending(successes, tagged(*tags)) is pending


@pytest.mark.parametrize(
    ("successes", "tags", "wip"),
    [
        ([success("", "prod")], [("prod", 0)], False),
        ([success("prod", "")], [("prod", 0)], True),
        ([success("", "prod"), success("", "test")], [("prod", 0)], False),
        ([success("", "prod")], [("prod", 0), ("test", 0)], True),
        ([success("", "prod"), success("", "test")], [("prod", 0), ("test", 0)], False),
        ([], [("prod", 0)], True),
    ],
)
def test_pact_is_wip_until_it_passed_when_published_with_every_tag(
    successes: list[SuccessfulVerification],
    tags: list[tuple[str, int | None]],
    wip: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """The tags of the time count, and not those that were added later."""
    assert is_wip(successes, tagged(*tags), NOW) is wip


@pytest.mark.parametrize(("successes", "pending"), [([], True), ([success()], False)])
def test_without_branch_and_tags_any_success_counts(
    successes: list[SuccessfulVerification],
    pending: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """The provider says nothing about itself."""
    assert is_pending(successes, tagged()) is pending


def test_tags_beside_a_branch_are_ignored() -> None:
    """As at the official broker."""
    provider = ProviderContext(branch="main", branch_since=0, branch_version_since=0, tags=(("prod", 0),))

    assert is_pending([success("prod")], provider) is True


@pytest.mark.parametrize(
    ("branch", "tags", "expected"),
    [("main", (), True), (None, (("prod", 0),), True), ("main", (("prod", 0),), True), (None, (), False)],
)
def test_context_has_branch_or_tags(
    branch: str | None,
    tags: tuple[tuple[str, int | None], ...],
    expected: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """Either is enough."""
    assert ProviderContext(branch, 0, 0, tags).has_branch_or_tags is expected
