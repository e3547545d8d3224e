"""The statistics find real slowdowns and raise no false alarms, on made data with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from performance.comparison import (
    Verdict,
    adjust_holm,
    estimate_against,
    estimate_paired,
    judge,
    required_error,
    round_value,
    rounds_needed,
)

ENDPOINTS = 70
ROUNDS = 20


def made_rounds(seed: int, slowdown: float = 0.0, noise: float = 0.02, rounds: int = ROUNDS) -> list[float]:
    """Return the rounds' values of one endpoint."""
    generator = np.random.default_rng(seed)
    return list(np.log1p(slowdown) + generator.normal(0.0, noise, rounds))


def test_round_value_is_the_typical_log_ratio_whatever_disturbs_some_pairs() -> None:
    """A fifth of the pairs with a hundredfold duration moves nothing."""
    reference = np.linspace(0.010, 0.012, 50)
    subject = reference * 1.05
    subject[::5] *= 100

    assert round_value(subject, reference) == pytest.approx(np.log(1.05), rel=1e-6)


def test_request_within_one_clock_tick_on_both_sides_is_no_slowdown() -> None:
    """A duration of zero has no logarithm."""
    assert round_value([0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]) == 0


def test_paired_estimate_is_the_t_test_of_the_rounds() -> None:
    """P value and interval are those of SciPy's own test."""
    values = made_rounds(1, 0.05)
    test = stats.ttest_1samp(values, 0.0, alternative="greater")
    interval = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)

    estimate = estimate_paired(values)

    assert estimate.p_value == pytest.approx(test.pvalue)
    assert (estimate.low, estimate.high) == pytest.approx((np.expm1(interval.low), np.expm1(interval.high)))


def test_estimate_against_a_baseline_is_welchs_t_test() -> None:
    """P value and interval are those of SciPy's own test, also with different numbers of rounds."""
    baseline, current = made_rounds(1, noise=0.01, rounds=12), made_rounds(2, 0.05)
    test = stats.ttest_ind(current, baseline, equal_var=False, alternative="greater")
    interval = stats.ttest_ind(current, baseline, equal_var=False).confidence_interval(0.95)

    estimate = estimate_against(baseline, current)

    assert estimate.p_value == pytest.approx(test.pvalue)
    assert (estimate.low, estimate.high) == pytest.approx((np.expm1(interval.low), np.expm1(interval.high)))


def test_fewer_than_three_rounds_are_rejected() -> None:
    """Two rounds have no usable spread."""
    with pytest.raises(ValueError, match="at least three rounds"):
        estimate_paired([0.0, 0.1])


def test_identical_arms_are_unchanged() -> None:
    """Equal values without any spread are no regression and no division by zero."""
    [judgement] = judge([estimate_paired([0.0] * 5)], [0.05])

    assert judgement.verdict is Verdict.UNCHANGED


def test_holm_multiplies_by_the_number_of_remaining_tests() -> None:
    """The example of the method: the smallest p value times three, then two, never decreasing."""
    assert adjust_holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_slowdown_of_the_threshold_is_found_with_the_promised_power() -> None:
    """At exactly the required error at least 95 % of 5 % slowdowns are found; the bound is that of 400 trials."""
    noise = required_error(0.05, ENDPOINTS, ROUNDS - 1) * ROUNDS**0.5
    others = [estimate_paired(made_rounds(index, noise=noise)) for index in range(ENDPOINTS - 1)]

    found = 0
    for trial in range(400):
        slow = estimate_paired(made_rounds(1000 + trial, 0.05, noise))
        found += judge([slow, *others], [0.05] * ENDPOINTS)[0].verdict is Verdict.REGRESSION

    # the power is 95 %; a lower bound of the count with 99.9 % probability
    assert found >= stats.binom.ppf(0.001, 400, 0.94)


def test_identical_versions_raise_no_false_alarm() -> None:
    """At most 1 % of the runs over all endpoints have one: of 200 runs at most the 99.9 % quantile."""
    noise = required_error(0.05, ENDPOINTS, ROUNDS - 1) * ROUNDS**0.5
    generator = np.random.default_rng(7)
    alarms = 0
    for _ in range(200):
        runs = generator.normal(0.0, noise, (ENDPOINTS, ROUNDS))
        judgements = judge([estimate_paired(list(values)) for values in runs], [0.05] * ENDPOINTS)
        alarms += any(judgement.verdict is Verdict.REGRESSION for judgement in judgements)

    assert alarms <= stats.binom.ppf(0.999, 200, 0.01)


def test_significant_slowdown_below_half_the_threshold_is_no_regression() -> None:
    """Two processes with the same code may differ by 1 %, however precisely that is measured."""
    [judgement] = judge([estimate_paired(made_rounds(1, 0.01, noise=0.001))], [0.05])

    assert judgement.adjusted_p < 0.001
    assert judgement.verdict is Verdict.UNCHANGED


def test_imprecise_endpoint_is_undecided_and_says_how_many_rounds_it_needs() -> None:
    """With three times the noise that is bearable, about nine times the rounds."""
    noise = 3 * required_error(0.05, 1, ROUNDS - 1) * ROUNDS**0.5
    [judgement] = judge([estimate_paired(made_rounds(1, noise=noise))], [0.05])

    assert judgement.verdict is Verdict.UNDECIDED
    assert 3 * ROUNDS < rounds_needed(judgement, ROUNDS) < 20 * ROUNDS


def test_faster_endpoint_is_reported_as_faster() -> None:
    """A gain of 20 %."""
    [judgement] = judge([estimate_paired(made_rounds(1, -0.2))], [0.05])

    assert judgement.verdict is Verdict.FASTER
