"""The recorded histories that a normal run plays stand for all of them."""

from __future__ import annotations

import pytest

from tests.broker import test_histories, test_later_histories
from tests.broker.history_cover import History, find_cover, traits_of

KINDS = pytest.mark.parametrize(
    "histories", [test_histories.HISTORIES, test_later_histories.HISTORIES], ids=["first", "later"]
)


def steps_with_status(histories: list[History]) -> set[tuple[str, ...]]:
    """Return each kind of step with each status, decision or list of statuses that was recorded for it."""
    recorded: set[tuple[str, ...]] = set()
    for item in (item for history in histories for item in history["steps"]):
        step, outcome = item["step"], item["outcome"]
        if isinstance(outcome, dict):
            outcome = (outcome["status"], outcome.get("deployable"))
        elif isinstance(outcome, list):
            outcome = outcome[1:]
        recorded.add((step.get("do", ""), step.get("ask", ""), str(outcome)))
    return recorded


@KINDS
def test_cover_has_every_kind_of_step_and_outcome(histories: list[History]) -> None:
    """Nothing that any history does or was answered is missing, by the traits and by a simpler count."""
    cover = find_cover(histories)

    assert set().union(*map(traits_of, cover)) == set().union(*map(traits_of, histories))
    assert steps_with_status(cover) == steps_with_status(histories)


@KINDS
def test_cover_is_small_and_without_repetition(histories: list[History]) -> None:
    """It has less than a third of the histories, each of them once."""
    cover = [history["history"] for history in find_cover(histories)]

    assert len(set(cover)) == len(cover) < len(histories) / 3


def test_history_with_the_only_occurrence_of_an_outcome_is_chosen() -> None:
    """Also if it has nothing else that the others do not have."""
    step = {"do": "tag", "pacticipant": "w0-A", "version": "1", "tag": "dev"}
    first, second, third = (
        {"history": number, "steps": [{"step": step, "outcome": status}]}
        for number, status in enumerate((201, 201, 404))
    )

    assert find_cover([first, second, third]) == [first, third]
