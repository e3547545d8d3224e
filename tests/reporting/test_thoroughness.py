"""A normal run leaves out further cases of a behaviour, a thorough run none."""

from __future__ import annotations

import pytest

from tests import thoroughness
from tests.thoroughness import THOROUGH, sample


@pytest.mark.thorough
def test_thorough_test_runs_in_a_thorough_run_only() -> None:
    """It is the test that the next one looks for."""
    assert THOROUGH


def test_session_has_tests_marked_thorough_in_a_thorough_run_only(request: pytest.FixtureRequest) -> None:
    """The tests of this file are enough to see it."""
    marked = [item for item in request.session.items if item.get_closest_marker("thorough")]

    assert bool(marked) is THOROUGH


@pytest.mark.parametrize(
    ("count", "selected"),
    [(1, [0]), (3, [0, 3, 6]), (4, [0, 2, 5, 7]), (10, list(range(10))), (99, list(range(10)))],
)
def test_sample_of_a_normal_run_has_equal_distances(
    monkeypatch: pytest.MonkeyPatch, count: int, selected: list[int]
) -> None:
    """The first case is always one of them."""
    monkeypatch.setattr(thoroughness, "THOROUGH", value=False)

    assert sample(range(10), count) == selected


def test_sample_of_a_thorough_run_has_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is that of a normal run."""
    monkeypatch.setattr(thoroughness, "THOROUGH", value=True)

    assert sample("abcd", 1) == ["a", "b", "c", "d"]
