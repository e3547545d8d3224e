"""What the search can find: measured on made slowdowns with this machine's noise, and on real ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median

import numpy as np
from scipy import stats

from performance.arms import ROOT, Version
from performance.comparison import FALSE_ALARMS, POWER, Judgement, Verdict, estimate_paired, judge
from performance.http_client import MeasurementError
from performance.measure import QUANTITIES, Measurement, OnRound, Plan, Values, measure
from performance.scenarios import SCENARIOS, select

SLOWDOWN = 0.05
SIMULATED_RUNS = 1000
REAL_ENDPOINT = "GET /auth/profile"
"""No other endpoint has its path, so only it is slowed down."""
CONTROLS = ("GET /auth/api-keys", "GET /resilience/circuit-breakers")
"""Measured beside it in the same processes, and not slowed down."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """How often something happened.

    Attributes:
        name: what.
        count: how often.
        total: in how many trials.
        goal: the aim, in words.
    """

    name: str
    count: int
    total: int
    goal: str = ""

    def interval(self) -> tuple[float, float]:
        """Return the exact confidence interval (Clopper and Pearson, 95 %)."""
        result = stats.binomtest(self.count, self.total).proportion_ci(0.95, method="exact")
        return float(result.low), float(result.high)

    def cells(self) -> tuple[str, str, str, str, str]:
        """Return the row of a table."""
        low, high = self.interval()
        share = f"{self.count / self.total:.1%}"
        return self.name, f"{self.count}/{self.total}", share, f"{low:.1%} … {high:.1%}", self.goal

    def json(self) -> str:
        """Return the figures with their interval as a line of JSON."""
        return json.dumps({**asdict(self), "interval": self.interval()})


def measure_power(plan: Plan, repeats: int, endpoints: Sequence[str], on_round: OnRound) -> list[Proportion]:
    """Measure noise with two copies of this version, simulate with it, and repeat comparisons with a real slowdown.

    Args:
        plan: of one comparison.
        repeats: comparisons with a real slowdown.
        endpoints: the endpoints whose noise is measured; all without a name.
        on_round: called at the start of each round.

    Raises:
        MeasurementError: the measurement is not possible.
    """
    copies = [Version("base", ROOT), Version("head", ROOT)]
    noise = measure(copies, select(endpoints), plan, on_round)
    return [*simulate(noise.against_base, plan), *_repeat_real(noise, plan, repeats, on_round)]


def simulate(noise: Values, plan: Plan, runs: int = SIMULATED_RUNS) -> list[Proportion]:
    """Return power and false alarms of made runs: rounds drawn from the measured ones, with and without a slowdown.

    Each quantity of each endpoint is slowed down in its own runs. Power is that of those measured precisely enough;
    how many are not, and would be undecided or measured in more rounds, is a row of its own.
    """
    measured = [values for quantity in QUANTITIES for values in noise[quantity].values()]
    # centred: the noise of two copies has no effect of its own; scaled, because deviations from a sample's mean are too small
    scale = (plan.rounds / (plan.rounds - 1)) ** 0.5
    residuals = [(np.asarray(values) - np.mean(values)) * scale for values in measured]
    generator = np.random.default_rng(plan.seed)
    alarms = found = precise = 0
    for index in range(runs):
        run = [generator.choice(values, plan.rounds) for values in residuals]
        alarms += any(judgement.verdict is Verdict.REGRESSION for judgement in _judge(run))
        slow = index % len(run)
        run[slow] = run[slow] + np.log1p(SLOWDOWN)
        judgement = _judge(run)[slow]
        is_precise = judgement.estimate.error <= judgement.required_error
        precise += is_precise
        found += is_precise and judgement.verdict is Verdict.REGRESSION
    rows = [Proportion("simulated: runs with a false alarm", alarms, runs, f"≤ {FALSE_ALARMS:.0%}")]
    if precise:
        rows.append(Proportion("simulated: 5 % slower, found", found, precise, f"≥ {POWER:.0%}"))
    return [*rows, Proportion("simulated: too imprecise", runs - precise, runs)]


def _repeat_real(noise: Measurement, plan: Plan, repeats: int, on_round: OnRound) -> list[Proportion]:
    """Repeat comparisons in which one route burns 5 % of its CPU time more, and look at it and at its controls.

    The slowdown is 5 % of the CPU time, which is less than 5 % of the duration.
    """
    if REAL_ENDPOINT not in noise.milliseconds["cpu"]:
        raise MeasurementError(f"the real slowdown needs {REAL_ENDPOINT} among the endpoints")
    method, path = REAL_ENDPOINT.split()
    seconds = median(noise.milliseconds["cpu"][REAL_ENDPOINT]) / 1000 * SLOWDOWN
    versions = [Version("base", ROOT), Version("head", ROOT, (method, path, f"{seconds:.9f}"))]
    scenarios = select((REAL_ENDPOINT, *CONTROLS))
    found = precise = alarms = 0
    for number in range(repeats):
        repeat = replace(plan, seed=plan.seed + 1 + number)
        values = measure(versions, scenarios, repeat, on_round).against_base
        slow, *controls = (_judge_cpu(values, name) for name in (REAL_ENDPOINT, *CONTROLS))
        is_precise = slow.estimate.error <= slow.required_error
        precise += is_precise
        found += is_precise and slow.verdict is Verdict.REGRESSION
        alarms += any(control.verdict is Verdict.REGRESSION for control in controls)
    rows = [Proportion("real: runs with a false alarm", alarms, repeats, f"≤ {FALSE_ALARMS:.0%}")]
    if precise:
        rows.append(Proportion("real: 5 % of its CPU time more, found", found, precise, f"≥ {POWER:.0%}"))
    return [*rows, Proportion("real: too imprecise", repeats - precise, repeats)]


def _judge_cpu(values: Values, endpoint: str) -> Judgement:
    """Return the judgement of an endpoint's CPU time, corrected as if all endpoints were tested."""
    tests = len(SCENARIOS) * len(QUANTITIES)
    return _judge([np.asarray(values["cpu"][endpoint])], tests)[0]


def _judge(run: Sequence[np.typing.NDArray[np.float64]], tests: int | None = None) -> list[Judgement]:
    estimates = [estimate_paired(list(values)) for values in run]
    return judge(estimates, [SLOWDOWN] * len(run), tests)
