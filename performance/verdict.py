"""The verdict of a run: which endpoints became slower, by how much, between which commits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from performance.comparison import (
    Estimate,
    Judgement,
    Verdict,
    estimate_against,
    estimate_paired,
    judge,
    rounds_needed,
)
from performance.measure import Measurement, Values
from performance.thresholds import Thresholds

QUANTITY_NAMES = {"cpu": "CPU time", "time": "duration"}
Key: TypeAlias = tuple[str, str]
"""Endpoint and quantity."""


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """What a run found.

    Attributes:
        commits: the range, as git takes it.
        judgements: by endpoint and quantity.
        rounds: by endpoint, how many rounds it was measured in.
        notes: further findings in words.
        profiles: files of profiles.
    """

    commits: str
    judgements: Mapping[Key, Judgement]
    rounds: Mapping[str, int]
    notes: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)

    def endpoints(self, verdict: Verdict) -> list[str]:
        """Return the endpoints with a verdict in any quantity."""
        names = (
            endpoint for (endpoint, _), judgement in self.judgements.items() if judgement.verdict is verdict
        )
        return list(dict.fromkeys(names))

    @property
    def exit_code(self) -> int:
        """1 for a regression, 2 if an endpoint is undecided, otherwise 0."""
        if self.endpoints(Verdict.REGRESSION):
            return 1
        return 2 if self.endpoints(Verdict.UNDECIDED) or not self.judgements else 0

    def rounds_needed(self) -> dict[str, int]:
        """Return the endpoints that are undecided, with the rounds that would decide them."""
        needed: dict[str, int] = {}
        for (endpoint, _), judgement in self.judgements.items():
            if judgement.verdict is Verdict.UNDECIDED:
                count = rounds_needed(judgement, self.rounds[endpoint])
                needed[endpoint] = max(count, needed.get(endpoint, 0))
        return needed

    def lines(self) -> list[str]:
        """Return the verdict in words: regressions, then undecided and faster endpoints, then one sentence."""
        lines = [
            f"{verdict.upper():10} {describe(key, judgement)}, commits {self.commits}"
            for verdict in (Verdict.REGRESSION, Verdict.FASTER)
            for key, judgement in self.judgements.items()
            if judgement.verdict is verdict
        ]
        for endpoint, count in self.rounds_needed().items():
            lines.append(
                f"{'UNDECIDED':10} {endpoint}: measured too imprecisely, about {count} rounds would decide"
            )
        return [*lines, *self.notes, *(f"profile: {path}" for path in self.profiles), self.sentence()]

    def sentence(self) -> str:
        """Return the verdict in one sentence."""
        slower, undecided = self.endpoints(Verdict.REGRESSION), self.endpoints(Verdict.UNDECIDED)
        total = len({endpoint for endpoint, _ in self.judgements})
        if slower:
            return f"{len(slower)} of {total} endpoints became slower in {self.commits}: {', '.join(slower)}."
        if undecided or not total:
            return f"No verdict on {self.commits}: {len(undecided)} of {total} endpoints are undecided."
        return f"None of {total} endpoints became slower in {self.commits}."

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON."""
        return {
            "commits": self.commits,
            "exit_code": self.exit_code,
            "sentence": self.sentence(),
            "endpoints": [
                {
                    "endpoint": endpoint,
                    "quantity": quantity,
                    "rounds": self.rounds[endpoint],
                    **asdict(judgement),
                }
                for (endpoint, quantity), judgement in self.judgements.items()
            ],
            "notes": self.notes,
            "profiles": self.profiles,
        }

    def write(self, path: Path) -> None:
        """Write the verdict as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_dict(), indent=1) + "\n", encoding="utf-8")


def describe(key: Key, judgement: Judgement) -> str:
    """Return an endpoint's slowdown in words."""
    endpoint, quantity = key
    return f"{endpoint}: {QUANTITY_NAMES[quantity]} {percent(judgement.estimate)}, threshold {judgement.threshold:.0%}"


def percent(estimate: Estimate) -> str:
    """Return an estimate with its confidence interval."""
    low, high = estimate.low * 100, estimate.high * 100
    return f"{estimate.slowdown * 100:+.1f} % (95 % CI {low:+.1f} … {high:+.1f} %)"


def judge_pairs(measurement: Measurement, thresholds: Thresholds) -> dict[Key, Judgement]:
    """Judge a measurement of two versions."""
    compared = {
        quantity: {name: values for name, values in endpoints.items() if name not in measurement.not_compared}
        for quantity, endpoints in measurement.against_base.items()
    }
    return _judge(compared, thresholds, lambda _key, values: estimate_paired(values))


def judge_baseline(
    baseline: Values, measurement: Measurement, thresholds: Thresholds
) -> dict[Key, Judgement]:
    """Judge a measurement of one version against the values of a baseline; endpoints without a baseline are left out."""
    current = {
        quantity: {name: values for name, values in endpoints.items() if name in baseline[quantity]}
        for quantity, endpoints in measurement.against_yardstick.items()
    }
    return _judge(current, thresholds, lambda key, values: estimate_against(baseline[key[1]][key[0]], values))


def _judge(
    values: Values, thresholds: Thresholds, estimate: Callable[[Key, list[float]], Estimate]
) -> dict[Key, Judgement]:
    keys = [(endpoint, quantity) for quantity, endpoints in values.items() for endpoint in endpoints]
    estimates = [estimate(key, values[key[1]][key[0]]) for key in keys]
    judgements = judge(estimates, [thresholds.of(endpoint) for endpoint, _ in keys])
    return dict(zip(keys, judgements, strict=True))
