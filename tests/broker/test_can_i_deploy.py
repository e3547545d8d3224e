"""The can-i-deploy decision over rows of the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from broker.domain.can_i_deploy import CanIDeployResult, Notice, evaluate
from broker.domain.matrix import IgnoreSelector, MatrixRow, ResolvedSelector

PASSED = MatrixRow(
    consumer="Shop", consumer_version="1", consumer_version_id=1, revision=1, provider="Pay", provider_version="7",
    provider_version_id=2, result=3, success=True, sha="abc", published=10, verified=11,
)  # fmt: skip
FAILED = replace(PASSED, provider="Mail", success=False)
UNVERIFIED = replace(PASSED, provider="Stock", provider_version=None, success=None)
SHOP = ResolvedSelector("Shop", "1", "version 1 of Shop", (1,), matches_all_versions=False, missing=False)
MISSING = replace(
    SHOP, pacticipant="Gone", number="9", description="version 9 of Gone", versions=(), missing=True
)


def decide(
    *rows: MatrixRow,
    selectors: Sequence[ResolvedSelector] = (SHOP,),
    required: Sequence[tuple[str, str]] = (),
    ignore: Sequence[IgnoreSelector] = (),
    warnings: Sequence[str] = (),
    without_pacts: Sequence[tuple[str, str]] = (),
) -> CanIDeployResult:
    """Decide over these rows."""
    return evaluate(rows, selectors, required, ignore, warnings, without_pacts)


@pytest.mark.parametrize(
    ("rows", "deployable", "counts"),
    [
        ([], True, (0, 0, 0)),
        ([PASSED], True, (1, 0, 0)),
        ([PASSED, FAILED], False, (1, 1, 0)),
        ([PASSED, UNVERIFIED], None, (1, 0, 1)),
        ([FAILED, UNVERIFIED], None, (0, 1, 1)),
    ],
    ids=["no rows", "passed", "failed", "unverified", "failed and unverified"],
)
def test_rows_decide(rows: list[MatrixRow], deployable: bool | None, counts: tuple[int, int, int]) -> None:  # noqa: FBT001 - a case of the table
    """Unknown beats failed, and every row is counted once."""
    result = decide(*rows)

    assert result.deployable is deployable
    assert (result.success, result.failed, result.unknown) == counts
    assert result.considered == tuple(rows)
    assert (result.ignored, result.has_ignore_selectors) == ((), False)


def test_missing_version_is_no_whatever_the_rows_say() -> None:
    """Missing beats unknown, and only the missing version is named."""
    result = decide(PASSED, UNVERIFIED, selectors=[SHOP, MISSING])

    assert result.deployable is False
    assert result.notices == (
        Notice("error", "There is no version 9 of Gone: publish it, or check its name and number"),
    )


def test_required_pair_without_a_row_is_unknown() -> None:
    """A pair with a row is not missing; the others are named in their order."""
    pairs = [("Shop", "Tax"), ("Shop", "Pay"), ("App", "Pay")]

    result = decide(PASSED, required=pairs)

    assert (result.deployable, result.unknown) == (None, 2)
    assert [notice.text for notice in result.notices] == [
        "There is no verified pact between App and Pay",
        "There is no verified pact between Shop and Tax",
    ]
    assert {notice.type for notice in result.notices} == {"error"}


@pytest.mark.parametrize(
    ("selector", "is_ignored"),
    [
        (IgnoreSelector("Mail", None, known=True), True),
        (IgnoreSelector("Mail", "7", known=True), True),
        (IgnoreSelector("Mail", "8", known=True), False),
        (IgnoreSelector("Shop", "1", known=True), True),
        (IgnoreSelector("Shop", "2", known=True), False),
    ],
)
def test_rows_of_ignored_versions_do_not_count(selector: IgnoreSelector, is_ignored: bool) -> None:  # noqa: FBT001 - a case of the table
    """A row is ignored by its consumer or its provider; its pair still has a row."""
    result = decide(FAILED, required=[("Shop", "Mail")], ignore=[selector])

    assert result.deployable is is_ignored
    assert result.ignored == ((FAILED,) if is_ignored else ())
    assert result.considered == (() if is_ignored else (FAILED,))
    assert (result.failed, result.unknown) == (0 if is_ignored else 1, 0)
    assert result.has_ignore_selectors


@pytest.mark.parametrize(
    ("selector", "deployable"),
    [
        (IgnoreSelector("Gone", None, known=True), True),
        (IgnoreSelector("Gone", "9", known=True), False),
        (IgnoreSelector("Mail", None, known=True), False),
    ],
)
def test_only_ignoring_a_whole_pacticipant_excuses_its_missing_version(
    selector: IgnoreSelector,
    deployable: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """As at the official broker."""
    assert decide(PASSED, selectors=[MISSING], ignore=[selector]).deployable is deployable


def test_warnings_precede_the_decision() -> None:
    """What cannot be ignored because it does not exist is named, then what the query is warned of."""
    unknown = [
        IgnoreSelector("Nobody", None, known=False),
        IgnoreSelector("Mail", "8", known=False),
        IgnoreSelector("Pay", "9", known=True),
    ]

    result = decide(PASSED, ignore=unknown, warnings=["a text"])

    assert result.notices == (
        Notice("warning", "Cannot ignore Nobody: it does not exist"),
        Notice("warning", "Cannot ignore Mail 8: it does not exist"),
        Notice("warning", "a text"),
        Notice("success", "All required verification results are published and successful"),
    )


def test_nothing_to_verify_is_a_yes_with_its_own_notice() -> None:
    """Neither rows nor missing pairs."""
    assert decide().notices == (Notice("success", "There are no missing dependencies"),)


STOCK = ResolvedSelector("Stock", None, "version of Stock", (), matches_all_versions=False, missing=False)


@pytest.mark.parametrize(
    ("row", "selectors", "text"),
    [
        (FAILED, [SHOP], "The verification of the pact between Shop (1) and Mail (7) failed"),
        (
            UNVERIFIED,
            [SHOP],
            "The pact between Shop (1) and Stock has no verification result from any version of Stock",
        ),
        (UNVERIFIED, [SHOP, STOCK], "There is no version of Stock, which Shop (1) has a pact with"),
        (
            UNVERIFIED,
            [SHOP, replace(STOCK, description="version 3 of Stock", versions=(5,))],
            "The pact between Shop (1) and Stock has no verification result from any version 3 of Stock",
        ),
        (
            UNVERIFIED,
            [SHOP, replace(STOCK, description="version of Stock", matches_all_versions=True)],
            "The pact between Shop (1) and Stock has no verification result from any version of Stock",
        ),
    ],
)
def test_problem_of_a_row_is_named(row: MatrixRow, selectors: list[ResolvedSelector], text: str) -> None:
    """A failure, no version at all, or no result of the versions that are asked about."""
    assert decide(PASSED, row, selectors=selectors).notices == (Notice("error", text),)


def test_version_without_pacts_is_unknown_unless_it_is_ignored() -> None:
    """Each version about which no pact says anything counts as one unknown, beside the rows and pairs."""
    versions = [("Shop", "1"), ("Mail", "2")]
    ignored = IgnoreSelector("Mail", None, known=True)

    result = decide(UNVERIFIED, required=[("Shop", "Tax")], without_pacts=versions)
    one_ignored = decide(without_pacts=versions, ignore=[IgnoreSelector("Pay", None, known=True), ignored])
    both_ignored = decide(without_pacts=versions, ignore=[ignored, IgnoreSelector("Shop", None, known=True)])

    assert (result.deployable, result.unknown) == (None, 4)
    assert (one_ignored.deployable, one_ignored.unknown) == (None, 1)
    assert (both_ignored.deployable, both_ignored.unknown) == (True, 0)


def test_missing_result_of_a_known_provider_version_is_named() -> None:
    """The text names the version, and what it was selected as."""
    row = replace(UNVERIFIED, provider_version="8")

    result = decide(row)

    assert result.notices == (
        Notice(
            "error",
            "The pact between Shop (1) and Stock has no verification result from version 8, a version of Stock",
        ),
    )
