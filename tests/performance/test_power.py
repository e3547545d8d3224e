"""Power and false alarms of simulated runs, with the exact interval."""

from __future__ import annotations

import pytest

from performance.measure import Plan
from performance.power import Proportion, simulate
from tests.performance.made import made_measurement

PLAN = Plan(rounds=20, pairs=30, seed=1)


def test_little_noise_finds_every_slowdown_without_a_false_alarm() -> None:
    """A noise of 1 % in a round."""
    alarms, found, imprecise = simulate(made_measurement().against_base, PLAN, runs=100)

    assert (alarms.count, imprecise.count) == (0, 0)
    assert found.count >= 95


def test_much_noise_is_too_imprecise_instead_of_missed() -> None:
    """A noise of 20 % in a round."""
    alarms, imprecise = simulate(made_measurement(noise=0.2).against_base, PLAN, runs=100)

    # 99.9 % quantile of the count at a rate of 1 %
    assert alarms.count <= 5
    assert imprecise.count == 100


def test_interval_is_that_of_clopper_and_pearson() -> None:
    """No success of 20 is up to 17 %."""
    proportion = Proportion("found", 0, 20)

    assert proportion.interval() == pytest.approx((0.0, 0.1684), abs=1e-4)
    assert proportion.cells()[1:4] == ("0/20", "0.0%", "0.0% … 16.8%")
