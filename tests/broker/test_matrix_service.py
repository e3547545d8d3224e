"""The matrix and can-i-deploy over a stored history: which versions, integrations and rows a decision rests on."""

from __future__ import annotations

import pytest

from broker.services.matrix import CUT_WARNING, MAX_ROWS_OF_ALL_VERSIONS
from tests.broker.matrix_questions import CASES, IN_PRODUCTION, YES, ask, every, number, rows, texts
from tests.broker.stored_history import StoredHistory


@pytest.mark.parametrize("case", CASES)
def test_result(case: str) -> None:
    """Of the history above: the decision, the rows that it rests on, and the notices."""
    selectors, options, deployable, expected_rows, notices = CASES[case]

    result = ask(*selectors, **options)

    assert (result.deployable, rows(result), texts(result)) == (deployable, expected_rows, notices)


def test_ignored_version_and_pacticipant() -> None:
    """Their rows do not count; what does not exist is named."""
    result = ask(
        number("Web", "2"), number("Pay", "12"), ignored=[("Pay", "12"), ("Nobody", None), ("Pay", "99")]
    )

    assert (result.deployable, rows(result), len(result.ignored)) == (True, [], 1)
    assert texts(result)[:2] == [
        "Cannot ignore Nobody: it does not exist",
        "Cannot ignore Pay 99: it does not exist",
    ]
    assert rows(ask(number("Web", "2"), ignored=[("Pay", None)])) == ["Web 2 Mail 7 yes"]


def test_rows_that_are_cut_off_make_a_yes_unknown() -> None:
    """They may be failures; by the official rules the decision rests on the rows that are left."""
    stored = StoredHistory()
    for version in range(3):
        stored.publish("Web", str(version), str(version))
        stored.verify("Web", str(version), "1", success=version > 0)
    both = (every("Web"), every("Pay"))

    cut = ask(*both, stored=stored, limit=2)
    official = ask(*both, stored=stored, limit=2, official_rules=True)

    assert (cut.deployable, len(rows(cut)), texts(cut)[0]) == (None, 2, CUT_WARNING)
    assert (official.deployable, len(rows(official)), texts(official)) == (True, 2, [YES])
    assert ask(*both, stored=stored, limit=3).deployable is False


@pytest.mark.parametrize(
    ("count", "is_cut"), [(MAX_ROWS_OF_ALL_VERSIONS, False), (MAX_ROWS_OF_ALL_VERSIONS + 1, True)]
)
def test_rows_of_all_versions_are_limited(count: int, *, is_cut: bool) -> None:
    """Without a limit of its own, a query that names no version considers the newest rows."""
    stored = StoredHistory()
    for version in range(count):
        stored.publish("Web", str(version), "same")
    stored.verify("Web", "0", "1")

    result = ask(every("Web"), every("Pay"), stored=stored)
    official = ask(every("Web"), every("Pay"), stored=stored, official_rules=True)

    assert len(rows(result)) == len(rows(official)) == MAX_ROWS_OF_ALL_VERSIONS
    assert (CUT_WARNING in texts(result), CUT_WARNING in texts(official)) == (is_cut, is_cut)
    assert result.deployable is (None if is_cut else True)
    assert len(rows(ask(every("Web"), number("Pay", "1"), stored=stored))) == count


def test_every_version_that_is_deployed_has_to_verify() -> None:
    """The official rules are content with one of two instances; the newest result of each version counts."""
    stored = StoredHistory()
    stored.publish("Web", "1", "first")
    stored.verify("Web", "1", "10")
    stored.deploy("Pay", "10", instance="blue")
    stored.deploy("Pay", "11", instance="green")
    selectors = (number("Web", "1"),)

    strict = ask(*selectors, stored=stored, inferred_filter=IN_PRODUCTION, latestby="cvp")
    official = ask(
        *selectors, stored=stored, inferred_filter=IN_PRODUCTION, latestby="cvp", official_rules=True
    )

    assert (strict.deployable, rows(strict)) == (None, ["Web 1 Pay 11 ?", "Web 1 Pay 10 yes"])
    assert (official.deployable, rows(official)) == (True, ["Web 1 Pay 10 yes"])


def test_replaced_results_are_rows_unless_rows_are_grouped() -> None:
    """A provider version that verifies a pact again replaces its result."""
    stored = StoredHistory()
    stored.publish("Web", "1", "first")
    stored.verify("Web", "1", "10", success=False)
    stored.verify("Web", "1", "10")
    both = (number("Web", "1"), number("Pay", "10"))

    assert rows(ask(*both, stored=stored)) == ["Web 1 Pay 10 yes", "Web 1 Pay 10 no"]
    assert rows(ask(*both, stored=stored, latestby="cvpv")) == ["Web 1 Pay 10 yes"]


def test_provider_that_is_a_consumer_too_needs_pacts() -> None:
    """A mere provider has none, and needs none."""
    stored = StoredHistory()
    stored.publish("Web", "1", "first")
    stored.publish("Pay", "1", "transfer", provider="Bank")
    stored.version("Pay", "2")
    stored.verify("Web", "1", "2")
    stored.version("Bank", "7")

    assert ask(number("Pay", "2"), stored=stored).deployable is None
    assert ask(number("Bank", "7"), stored=stored).deployable is True
