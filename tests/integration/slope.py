"""The slope of a series of measurements, with its confidence interval."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

NORMAL_QUANTILE = 1.96
"""Of the standard normal distribution, for an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope per unit of x, with the bounds of its interval of 95 %."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        # words between the numbers, which would be taken for a telephone number otherwise
        return f"{self.value:.0f}, interval from {self.low:.0f} to {self.high:.0f}"


def theil_sen(points: Sequence[tuple[float, float]]) -> Slope:
    """Return the median of the slopes between all pairs of points.

    Unlike a least-squares slope it is not moved by a few outliers, such as a garbage collection or a new memory arena.
    The interval is Sen's (1968), from the variance of Kendall's statistic.

    Args:
        points: at least three pairs of x, which differ, and y.
    """
    pairs = itertools.combinations(points, 2)
    slopes = sorted((right[1] - left[1]) / (right[0] - left[0]) for left, right in pairs)
    count = len(points)
    deviation = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    half_width = NORMAL_QUANTILE * deviation / 2
    low = max(0, math.floor(len(slopes) / 2 - half_width))
    high = min(len(slopes) - 1, math.ceil(len(slopes) / 2 + half_width))
    return Slope(median(slopes), slopes[low], slopes[high])
