"""The statistics: pure functions over what rounds measured.

A round starts fresh processes and yields one value per endpoint: the logarithm of a ratio of two durations. Rounds are
the unit of all tests, because requests of one process are not independent: each process is a little faster or slower
than the next one with the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

FALSE_ALARMS = 0.01
"""Probability of any false alarm in a whole run, over all endpoints."""
POWER = 0.95
"""Probability that a slowdown as large as the endpoint's threshold is found."""
MARGIN = 0.5
"""Share of the threshold that an estimate must reach: processes that only differ in memory layout stay below it."""
CONFIDENCE = 0.95
TRIM = 0.25
"""Share of the fastest and of the slowest pairs that a round leaves out: they were disturbed by other processes."""
CLOCK_TICK = 1e-6
"""The shortest duration, in seconds, that is distinguished from zero."""

Floats: TypeAlias = NDArray[np.float64]


class Verdict(StrEnum):
    """What is known of an endpoint."""

    REGRESSION = "regression"
    UNCHANGED = "unchanged"
    FASTER = "faster"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A relative slowdown: 0.05 is 5 % slower.

    Attributes:
        slowdown: the estimate.
        low: the lower end of the confidence interval (CONFIDENCE, two-sided).
        high: its upper end.
        p_value: of the one-sided test that there is no slowdown.
        error: the standard error of the logarithm of the ratio.
        degrees: the degrees of freedom of the test.
    """

    slowdown: float
    low: float
    high: float
    p_value: float
    error: float
    degrees: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one endpoint.

    Attributes:
        verdict: the result.
        estimate: the slowdown.
        adjusted_p: the p value, corrected for the number of tests.
        threshold: the slowdown that counts, relative.
        required_error: the largest standard error with which a slowdown of `threshold` is found with POWER.
    """

    verdict: Verdict
    estimate: Estimate
    adjusted_p: float
    threshold: float
    required_error: float


def round_value(subject: ArrayLike, reference: ArrayLike) -> float:
    """Return the typical logarithm of the ratio of paired durations: positive if the subject is slower.

    Args:
        subject: durations of the version under test.
        reference: durations of what it is compared with; the requests with the same index were sent one after another.
    """
    ratios = _log_durations(subject) - _log_durations(reference)
    return float(stats.trim_mean(ratios, TRIM))


def _log_durations(durations: ArrayLike) -> Floats:
    # a short request can end within one tick of the CPU clock, and zero has no logarithm
    logarithms: Floats = np.log(np.maximum(np.asarray(durations, dtype=float), CLOCK_TICK))
    return logarithms


def estimate_paired(values: Sequence[float]) -> Estimate:
    """Estimate the slowdown from rounds that measured both versions: a one-sample t test of the rounds' values.

    Raises:
        ValueError: there are fewer than three rounds.
    """
    sample = _sample(values)
    return _estimate(float(sample.mean()), _standard_error(sample), len(sample) - 1)


def estimate_against(baseline: Sequence[float], current: Sequence[float]) -> Estimate:
    """Estimate the slowdown from rounds of two runs, each relative to the yardstick: Welch's t test.

    Raises:
        ValueError: a run has fewer than three rounds.
    """
    samples = [_sample(baseline), _sample(current)]
    variances = [_standard_error(sample) ** 2 for sample in samples]
    total = sum(variances)
    # Welch and Satterthwaite; equal values have no variance and need any number of degrees
    parts = sum(variance**2 / (len(sample) - 1) for variance, sample in zip(variances, samples, strict=True))
    degrees = total**2 / parts if parts else min(map(len, samples)) - 1.0
    return _estimate(float(samples[1].mean() - samples[0].mean()), total**0.5, degrees)


def adjust_holm(p_values: Sequence[float], tests: int | None = None) -> list[float]:
    """Return the p values corrected by Holm's method, which bounds the probability of any false alarm.

    Args:
        p_values: of all tests, whatever depends on what.
        tests: the number of tests if there are more than these p values; the others count as 1.
    """
    tests = tests or len(p_values)
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, float(p_values[index]) * (tests - rank)))
        adjusted[index] = largest
    return [float(value) for value in adjusted]


def required_error(threshold: float, tests: int, degrees: float) -> float:
    """Return the largest standard error with which a slowdown of `threshold` is found with a probability of POWER."""
    quantiles = _t_quantile(1 - FALSE_ALARMS / tests, degrees) + _t_quantile(POWER, degrees)
    return float(np.log1p(threshold) / quantiles)


def rounds_needed(judgement: Judgement, rounds: int) -> int:
    """Return how many rounds make the estimate as precise as required."""
    ratio = judgement.estimate.error / judgement.required_error
    # some more, because the error is an estimate itself
    return max(rounds, int(np.ceil(rounds * ratio**2 * 1.2)))


def judge(
    estimates: Sequence[Estimate], thresholds: Sequence[float], tests: int | None = None
) -> list[Judgement]:
    """Return the verdict on each endpoint.

    A regression is significant after the correction, and its estimate reaches MARGIN of the threshold. An endpoint
    that was not measured precisely enough to find a slowdown of the threshold is undecided.

    Args:
        estimates: of all endpoints and quantities of the run.
        thresholds: the relative slowdown that counts, for each of them.
        tests: the number of tests of the run if these are only some of them.
    """
    adjusted = adjust_holm([estimate.p_value for estimate in estimates], tests)
    return [
        _judge(estimate, p_value, threshold, tests or len(estimates))
        for estimate, p_value, threshold in zip(estimates, adjusted, thresholds, strict=True)
    ]


def _judge(estimate: Estimate, p_value: float, threshold: float, tests: int) -> Judgement:
    required = required_error(threshold, tests, estimate.degrees)
    if p_value <= FALSE_ALARMS and estimate.slowdown >= MARGIN * threshold:
        verdict = Verdict.REGRESSION
    elif estimate.error > required:
        verdict = Verdict.UNDECIDED
    elif estimate.high < -MARGIN * threshold:
        verdict = Verdict.FASTER
    else:
        verdict = Verdict.UNCHANGED
    return Judgement(verdict, estimate, p_value, threshold, required)


def _sample(values: Sequence[float]) -> Floats:
    if len(values) < 3:
        raise ValueError(f"at least three rounds are needed, not {len(values)}")
    return np.asarray(values, dtype=float)


def _standard_error(sample: Floats) -> float:
    return float(sample.std(ddof=1) / np.sqrt(len(sample)))


def _t_quantile(probability: float, degrees: float) -> float:
    # the function behind stats.t.ppf, which needs a hundred times as long to check its arguments
    return float(special.stdtrit(degrees, probability))


def _estimate(mean: float, error: float, degrees: float) -> Estimate:
    half = _t_quantile((1 + CONFIDENCE) / 2, degrees) * error
    slowdown, low, high = (float(np.expm1(value)) for value in (mean, mean - half, mean + half))
    # without any spread there is no test: equal values are no slowdown, and others certainly are
    p_value = float(special.stdtr(degrees, -mean / error)) if error else float(mean <= 0.0)
    return Estimate(slowdown, low, high, p_value, error, degrees)
