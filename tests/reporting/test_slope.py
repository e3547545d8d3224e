"""The slope of a series finds a leak through noise, and none where there is none."""

from __future__ import annotations

import random

import pytest

from tests.integration.slope import theil_sen

STEP = 131_072
"""Memory is resident in steps of many pages."""


def series(leak: float, seed: int) -> list[tuple[float, float]]:
    """Return 20 samples of a noisy resident memory that grows by `leak` bytes per call."""
    noise = random.Random(seed)  # noqa: S311 - not for security
    return [
        (calls, (100e6 + leak * calls + noise.uniform(-1, 1) * 300_000) // STEP * STEP)
        for calls in range(100, 500, 20)
    ]


def test_slope_of_a_line_is_exact() -> None:
    """Value and interval are the slope itself."""
    slope = theil_sen([(x, 3.0 * x + 7) for x in range(10)])

    assert (slope.value, slope.low, slope.high) == (3.0, 3.0, 3.0)


def test_one_outlier_does_not_move_the_slope() -> None:
    """The value is still that of the other points."""
    points = [(x, 2.0 * x) for x in range(10)]
    points[4] = (4, 1e9)

    assert theil_sen(points).value == 2.0


@pytest.mark.parametrize("seed", range(50))
def test_interval_tells_a_leak_from_noise(seed: int) -> None:
    """A leak of 10 kB per call is above 4 KiB for every seed; without a leak no interval is."""
    assert theil_sen(series(10_000, seed)).low > 4096
    assert theil_sen(series(0, seed)).low < 4096
