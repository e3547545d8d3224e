"""A run: measure, judge, measure what is undecided once more, profile what became slower."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from performance import baseline as baselines
from performance.arms import ROOT, Version
from performance.comparison import Judgement, Verdict
from performance.history import PAGE, append_run, write_page
from performance.http_client import MeasurementError
from performance.measure import Measurement, OnRound, Plan, measure
from performance.profiling import profile_versions
from performance.scenarios import SCENARIOS, Scenario, select
from performance.thresholds import Thresholds, load_thresholds
from performance.verdict import Key, RunVerdict, judge_baseline, judge_pairs
from performance.worktree import checkout, describe_head, resolve

SECOND_SEED = 1
"""Added to the seed for the second part of a run, which must not repeat the orders of the first one."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is run.

    Attributes:
        plan: how much is measured at first.
        max_rounds: rounds of an endpoint at most; undecided ones are measured again up to them.
        endpoints: names of endpoints, all without a name.
        base: the commit to compare with; without it the machine's baseline.
        update: whether this run is stored as the machine's baseline.
        reports: the folder of the results.
    """

    plan: Plan
    max_rounds: int
    endpoints: Sequence[str] = ()
    base: str | None = None
    update: bool = False
    reports: Path = Path("test_reports")


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One comparison: what runs, and how it is judged."""

    versions: list[Version]
    commits: str
    judge: Callable[[Measurement], dict[Key, Judgement]]


def run(options: Options, on_round: OnRound) -> RunVerdict:
    """Compare the working tree with a commit, or with this machine's baseline.

    Raises:
        MeasurementError: the measurement is not possible.
        ThresholdsError: the quality gates are not valid.
    """
    scenarios = select(options.endpoints)
    thresholds = load_thresholds(frozenset(scenario.name for scenario in SCENARIOS))
    head, changed = describe_head()
    label = f"{head[:12]} with uncommitted changes" if changed else head[:12]
    with checkout(options.base) if options.base else nullcontext() as folder:
        if folder and options.base:
            versions = [Version("base", folder), Version("head", ROOT)]
            commits = f"{resolve(options.base)[:12]}..{label}"
            comparison = _Comparison(versions, commits, lambda result: judge_pairs(result, thresholds))
        else:
            comparison = _compare_with_baseline(options, thresholds, label)
        measurement = measure(comparison.versions, scenarios, options.plan, on_round)
        verdict = _judge(comparison, measurement, scenarios, options, on_round)
        verdict.notes.extend(_record(options, measurement, head, changed=changed))
        slower = select(verdict.endpoints(Verdict.REGRESSION)) if verdict.exit_code == 1 else []
        verdict.profiles.extend(profile_versions(comparison.versions, slower, options.reports / "profiles"))
    verdict.write(options.reports / "performance_regression.json")
    return verdict


def _compare_with_baseline(options: Options, thresholds: Thresholds, label: str) -> _Comparison:
    path = baselines.baseline_path(baselines.machine_fingerprint(), options.reports / "baselines")
    versions = [Version("head", ROOT)]
    if not path.exists():
        return _Comparison(versions, label, lambda _: {})
    stored = baselines.load(path)
    if stored.pairs != options.plan.pairs:
        # endpoints that list what earlier requests created would have longer lists
        raise MeasurementError(f"{path}: it was stored with --pairs {stored.pairs}: use that, or UPDATE=1")
    commits = f"{stored.commit[:12]}..{label}"
    return _Comparison(
        versions, commits, lambda result: judge_baseline(stored.against_yardstick, result, thresholds)
    )


def _judge(
    comparison: _Comparison,
    measurement: Measurement,
    scenarios: Sequence[Scenario],
    options: Options,
    on_round: OnRound,
) -> RunVerdict:
    """Judge, and measure undecided endpoints once more: how much depends on their spread only, never on their estimate."""
    verdict = _verdict(comparison, measurement)
    needed = verdict.rounds_needed()
    more = min(options.max_rounds, max(needed.values(), default=0)) - options.plan.rounds
    if more <= 0:
        return verdict
    undecided = [scenario for scenario in scenarios if scenario.name in needed]
    plan = replace(options.plan, rounds=more, seed=options.plan.seed + SECOND_SEED)
    measure(comparison.versions, undecided, plan, on_round, measurement)
    return _verdict(comparison, measurement)


def _verdict(comparison: _Comparison, measurement: Measurement) -> RunVerdict:
    rounds = {name: len(values) for name, values in measurement.milliseconds["time"].items()}
    notes = [f"not compared with the base: {name}: {why}" for name, why in measurement.not_compared.items()]
    return RunVerdict(comparison.commits, comparison.judge(measurement), rounds, notes)


def _record(options: Options, measurement: Measurement, head: str, *, changed: bool) -> list[str]:
    """Add the run to the history, store it as the baseline if there is none, and return what was done."""
    notes: list[str] = []
    folder = options.reports / "baselines"
    path = baselines.baseline_path(baselines.machine_fingerprint(), folder)
    if options.update or not (options.base or path.exists()):
        created = baselines.create_baseline(measurement, options.plan, head, changed=changed)
        notes.append(f"stored as this machine's baseline: {baselines.store(created, folder)}")
    runs = append_run(measurement, head, options.reports / "performance_history.jsonl")
    changes = write_page(runs, options.reports / PAGE.name)
    return [*notes, *(f"change point in the history: {change}" for change in changes)]
