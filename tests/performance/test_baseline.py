"""Baselines are stored per machine and checked when they are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from performance.baseline import baseline_path, create_baseline, load, machine_fingerprint, store
from performance.http_client import MeasurementError
from performance.measure import Plan
from tests.performance.made import made_measurement

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A stored baseline."""
    baseline = create_baseline(made_measurement(), Plan(20, 30, 1), COMMIT, changed=False)
    return store(baseline, tmp_path / "baselines")


def test_stored_baseline_is_read_unchanged(path: Path) -> None:
    """With the machine, the commit and the sample sizes."""
    baseline = load(path)

    assert (baseline.commit, baseline.rounds, baseline.pairs) == (COMMIT, 20, 30)
    assert baseline.machine == machine_fingerprint()
    assert baseline.against_yardstick == made_measurement().against_yardstick


def test_file_belongs_to_one_machine(path: Path) -> None:
    """Another processor has another file."""
    machine = machine_fingerprint()

    assert path == baseline_path(machine, path.parent)
    assert path != baseline_path({**machine, "processor": "another"}, path.parent)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"commit": "main"}, r"\$\.commit"),
        ({"rounds": 2}, r"\$\.rounds"),
        ({"schema": 0}, r"\$\.schema"),
        ({"unknown": 1}, "'unknown' was unexpected"),
        ({"against_yardstick": {"cpu": {}}}, r"\$\.against_yardstick"),
        ({"yardstick": 0}, "another yardstick"),
    ],
)
def test_invalid_baseline_names_the_field(path: Path, change: dict[str, Any], problem: str) -> None:
    """Also one of another yardstick, whose ratios mean something else."""
    document = json.loads(path.read_text()) | change
    path.write_text(json.dumps(document))

    with pytest.raises(MeasurementError, match=problem):
        load(path)
