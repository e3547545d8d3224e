"""The verdict names endpoint, size, interval and commits, and has the exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from performance.comparison import Verdict
from performance.thresholds import Thresholds
from performance.verdict import RunVerdict, judge_baseline, judge_pairs
from tests.performance.made import ENDPOINTS, made_measurement

COMMITS = "0123456789ab..ba9876543210"
ROUNDS = dict.fromkeys(ENDPOINTS, 20)


def create_verdict(slowdown: float = 0.0, noise: float = 0.01) -> RunVerdict:
    """Return the verdict on two versions."""
    judgements = judge_pairs(made_measurement(slowdown=slowdown, noise=noise), Thresholds())
    return RunVerdict(COMMITS, judgements, ROUNDS)


def test_regression_is_named_with_its_size_and_commits() -> None:
    """One line, then one sentence."""
    verdict = create_verdict(0.10)

    [line, sentence] = verdict.lines()
    assert line.startswith("REGRESSION GET /healthz: CPU time +")
    assert "(95 % CI +" in line
    assert line.endswith(f"threshold 5%, commits {COMMITS}")
    assert sentence == f"1 of 2 endpoints became slower in {COMMITS}: GET /healthz."
    assert verdict.exit_code == 1


def test_unchanged_versions_pass() -> None:
    """Exit code 0."""
    verdict = create_verdict()

    assert verdict.lines() == [f"None of 2 endpoints became slower in {COMMITS}."]
    assert verdict.exit_code == 0


def test_imprecise_measurement_is_no_verdict() -> None:
    """Exit code 2, and how many rounds would do."""
    verdict = create_verdict(noise=0.2)

    assert verdict.exit_code == 2
    assert verdict.lines()[0].startswith("UNDECIDED  GET /healthz: measured too imprecisely, about ")
    assert verdict.lines()[-1] == f"No verdict on {COMMITS}: 2 of 2 endpoints are undecided."


def test_nothing_to_compare_with_is_no_verdict() -> None:
    """A first run that only stores the baseline."""
    assert RunVerdict(COMMITS, {}, {}).exit_code == 2


def test_threshold_of_the_endpoint_decides() -> None:
    """A slowdown of 10 % is none where 30 % are allowed."""
    judgements = judge_pairs(made_measurement(slowdown=0.10), Thresholds(0.05, {"GET /healthz": 0.3}))

    assert judgements["GET /healthz", "cpu"].verdict is Verdict.UNCHANGED


def test_baseline_of_another_run_is_compared_relative_to_the_yardstick() -> None:
    """Only the slower endpoint, and endpoints that the baseline lacks are left out."""
    baseline = made_measurement(seed=1).against_yardstick
    del baseline["cpu"]["POST /auth/login"]

    judgements = judge_baseline(baseline, made_measurement(seed=2, slowdown=0.10), Thresholds())

    assert judgements["GET /healthz", "cpu"].verdict is Verdict.REGRESSION
    assert judgements["GET /healthz", "time"].verdict is Verdict.UNCHANGED
    assert ("POST /auth/login", "cpu") not in judgements


def test_verdict_is_written_as_json(tmp_path: Path) -> None:
    """With everything that the lines say."""
    verdict = replace(create_verdict(0.10), profiles=["healthz.json"])

    verdict.write(tmp_path / "reports/verdict.json")

    document = json.loads((tmp_path / "reports/verdict.json").read_text())
    assert (document["exit_code"], document["commits"]) == (1, COMMITS)
    assert document["profiles"] == ["healthz.json"]
    [slower] = [item for item in document["endpoints"] if item["verdict"] == "regression"]
    assert (slower["endpoint"], slower["quantity"], slower["rounds"]) == ("GET /healthz", "cpu", 20)
    assert slower["estimate"]["slowdown"] == pytest.approx(0.10, abs=0.02)


def test_endpoint_that_the_base_lacks_is_left_out() -> None:
    """Also if it was measured in some rounds."""
    measurement = made_measurement()
    measurement.not_compared["POST /auth/login"] = "it has no such route"
    measurement.against_base["cpu"]["POST /auth/login"] = [0.0]

    judgements = judge_pairs(measurement, Thresholds())

    assert {endpoint for endpoint, _ in judgements} == {"GET /healthz"}
