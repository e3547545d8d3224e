"""The values of the matrix: the words of a selector, what it ignores, and the order and grouping of rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broker.domain.matrix import IgnoreSelector, MatrixRow, VersionFilter, latest_rows_by

ROW = MatrixRow(
    consumer="Shop", consumer_version="1", consumer_version_id=1, revision=1, provider="Pay", provider_version="7",
    provider_version_id=2, result=3, success=True, sha="abc", published=10, verified=11,
)  # fmt: skip


@pytest.mark.parametrize(
    ("version_filter", "text"),
    [
        (VersionFilter(), "version of Shop"),
        (VersionFilter(number="3", latest=True, branch="main"), "version 3 of Shop"),
        (VersionFilter(latest=True), "latest version of Shop"),
        (VersionFilter(latest=True, main_branch=True), "latest version of Shop from its main branch"),
        (VersionFilter(branch="fix"), "version of Shop from branch fix"),
        (VersionFilter(tag="v1"), "version of Shop with tag v1"),
        (VersionFilter(environment="test"), "version of Shop currently in test"),
        (
            VersionFilter(latest=True, branch="fix", tag="v1", environment="test"),
            "latest version of Shop from branch fix with tag v1 currently in test",
        ),
    ],
)
def test_filter_is_described_by_all_its_criteria(version_filter: VersionFilter, text: str) -> None:
    """A number says it all."""
    assert version_filter.describe("Shop") == text


def test_filter_without_criteria_is_empty() -> None:
    """Any criterion counts."""
    assert VersionFilter().is_empty is True
    assert VersionFilter(latest=True).is_empty is False


@pytest.mark.parametrize(
    ("number", "name", "version", "matches"),
    [
        (None, "Shop", "1", True),
        (None, "Shop", None, True),
        ("1", "Shop", "1", True),
        ("1", "Shop", "2", False),
        ("1", "Shop", None, False),
        (None, "Pay", "1", False),
        ("1", "Pay", "1", False),
    ],
)
def test_ignore_selector_matches_by_name_and_number(
    number: str | None,
    name: str,
    version: str | None,
    matches: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """Without a number, every version of the pacticipant."""
    assert IgnoreSelector("Shop", number, known=True).matches(name, version) is matches


ORDERED = [
    replace(ROW, consumer="app", consumer_version_id=9),
    replace(ROW, consumer_version_id=2),
    replace(ROW, revision=2),
    replace(ROW, provider="bank"),
    replace(ROW, provider_version_id=5),
    replace(ROW, result=4),
    ROW,
    replace(ROW, result=None),
]


def test_rows_are_ordered_by_names_then_newest_first() -> None:
    """Consumer, its version, the revision, provider, its version, the result."""
    assert latest_rows_by(reversed(ORDERED), None) == ORDERED


def test_row_without_result_is_as_old_as_can_be() -> None:
    """The first result of all is newer than none."""
    rows = [replace(ROW, result=None), replace(ROW, result=1)]

    assert latest_rows_by(rows, None) == rows[::-1]


V1_P7, V1_P8 = ROW, replace(ROW, provider_version="8", provider_version_id=3)
V2_P7 = replace(ROW, consumer_version="2", consumer_version_id=4)
OTHER = replace(ROW, provider="Mail")


@pytest.mark.parametrize(
    ("latestby", "rows"),
    [
        ("cvpv", [V2_P7, OTHER, V1_P8, V1_P7]),
        ("cvp", [V2_P7, OTHER, V1_P8]),
        ("cp", [OTHER, V1_P8]),
    ],
)
def test_group_has_the_row_of_its_newest_provider_version(latestby: str, rows: list[MatrixRow]) -> None:
    """A group is a pair with both versions, with the consumer's, or with none."""
    assert latest_rows_by([V1_P7, V1_P8, V2_P7, OTHER], latestby) == rows


def test_first_of_rows_with_one_provider_version_is_the_latest() -> None:
    """Of two results of one provider version, the newer stays."""
    newer = replace(ROW, result=4)

    assert latest_rows_by([ROW, newer], "cvpv") == [newer]
    assert latest_rows_by([newer, ROW], "cvpv") == [newer]
