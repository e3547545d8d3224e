"""One round on two copies of the current commit, and the runs around made measurements."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from performance import __main__, run
from performance.arms import ROOT, Version
from performance.measure import QUANTITIES, Measurement, OnRound, Plan, measure
from performance.scenarios import Scenario, select
from performance.worktree import checkout
from tests.performance.made import ENDPOINTS, made_measurement

REAL_ENDPOINTS = ("GET /auth/profile", "call.interaction greeting")
Measure = Callable[..., Measurement]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_copies_of_a_commit_are_measured_side_by_side() -> None:
    """One value for each quantity of each endpoint, and the progress names them in order."""
    told: list[tuple[int, int, str]] = []
    with checkout("HEAD") as folder:
        versions = [Version("base", folder), Version("head", ROOT)]
        plan = Plan(rounds=1, pairs=3, seed=7)
        result = measure(versions, select(REAL_ENDPOINTS), plan, lambda *progress: told.append(progress))

    assert told == [(1, 1, name) for name in REAL_ENDPOINTS]
    assert not folder.exists()
    assert not result.not_compared
    for values in (result.against_base, result.against_yardstick, result.milliseconds):
        assert {
            name: len(values[quantity][name]) for quantity in QUANTITIES for name in values[quantity]
        } == (dict.fromkeys(REAL_ENDPOINTS, 1))
    # a request of the service needs more than no CPU time, and no more than it takes
    for name in REAL_ENDPOINTS:
        assert result.milliseconds["cpu"][name][0] > 0


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Measurement], list[dict[str, Any]]]:
    """Let runs take made measurements; returns what is measured and profiled."""

    def use_measurement(made: Measurement) -> list[dict[str, Any]]:
        requested: list[dict[str, Any]] = []

        def measure_made(
            versions: list[Version], scenarios: Sequence[Scenario], plan: Plan, on_round: OnRound, into: Measurement | None = None
        ) -> Measurement:  # fmt: skip
            names = [scenario.name for scenario in scenarios]
            requested.append(
                {"versions": [version.name for version in versions], "names": names, "plan": plan}
            )
            on_round(1, plan.rounds, names[0])
            return into or made

        def profile(_versions: list[Version], scenarios: Sequence[Scenario], folder: Path) -> list[str]:
            return [f"{folder}/{scenario.name}" for scenario in scenarios]

        monkeypatch.setattr(run, "measure", measure_made)
        monkeypatch.setattr(run, "profile_versions", profile)
        return requested

    return use_measurement


def run_cli(reports: Path, *options: str) -> tuple[int, str]:
    """Run `python -m performance run` in this process."""
    result = CliRunner().invoke(__main__.app, ["run", "--seed", "7", "--reports", str(reports), *options])
    return result.exit_code, result.stdout


Use = Callable[[Measurement], list[dict[str, Any]]]


def test_regression_exits_with_1_and_keeps_a_profile(use: Use, tmp_path: Path) -> None:
    """The output names endpoint, size, commits, seed and profile."""
    use(made_measurement(slowdown=0.1))

    code, output = run_cli(tmp_path, "--base", "HEAD")

    assert code == 1
    assert output.startswith("seed 7\nround 1 of 20\n")
    assert "REGRESSION GET /healthz: CPU time +" in output
    assert f"profile: {tmp_path}/profiles/GET /healthz" in output
    assert json.loads((tmp_path / "performance_regression.json").read_text())["exit_code"] == 1


def test_undecided_endpoints_are_measured_once_more_with_another_seed(use: Use, tmp_path: Path) -> None:
    """Only they, up to the limit of rounds; then there is no verdict."""
    requested = use(made_measurement(noise=0.2))

    code, output = run_cli(tmp_path, "--base", "HEAD", "--max-rounds", "30")

    assert code == 2
    assert "No verdict on " in output
    first, second = requested
    assert (first["plan"].rounds, second["plan"].rounds) == (20, 10)
    assert first["plan"].seed != second["plan"].seed
    assert second["names"] == list(ENDPOINTS)
    assert second["versions"] == ["base", "head"]


def test_first_run_stores_the_baseline_and_the_next_one_compares_with_it(use: Use, tmp_path: Path) -> None:
    """The first has no verdict, the second one passes, a slower one fails, and none replaces the baseline."""
    codes = []
    for seed, slowdown in enumerate((0.0, 0.0, 0.1)):
        use(made_measurement(seed, slowdown))
        codes.append(run_cli(tmp_path)[0])

    assert codes == [2, 0, 1]
    [baseline] = (tmp_path / "baselines").iterdir()
    assert json.loads(baseline.read_text())["against_yardstick"] == made_measurement(0).against_yardstick
    assert len((tmp_path / "performance_history.jsonl").read_text().splitlines()) == 3


def test_update_replaces_the_baseline(use: Use, tmp_path: Path) -> None:
    """After a slowdown that is accepted."""
    for seed, options in enumerate(((), ("--update",))):
        use(made_measurement(seed))
        run_cli(tmp_path, *options)

    [baseline] = (tmp_path / "baselines").iterdir()
    assert json.loads(baseline.read_text())["against_yardstick"] == made_measurement(1).against_yardstick


def test_baseline_with_another_number_of_pairs_is_not_compared(use: Use, tmp_path: Path) -> None:
    """Lists would have other lengths."""
    use(made_measurement())
    run_cli(tmp_path)

    code, output = run_cli(tmp_path, "--pairs", "5")

    assert code == 2
    assert "it was stored with --pairs 30" in output


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--base", "no-such-commit"), "No verdict: git rev-parse"),
        (("--endpoint", "GET /health"), "there is no endpoint 'GET /health'"),
    ],
)
def test_wrong_arguments_are_no_verdict(
    use: Use, tmp_path: Path, options: tuple[str, ...], problem: str
) -> None:
    """Exit code 2, before anything is measured."""
    requested = use(made_measurement())

    code, output = run_cli(tmp_path, *options)

    assert (code, requested) == (2, [])
    assert problem in output
