"""One run as `make perf BASE=…` does it, with tiny samples: two copies of the current commit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENDPOINTS = ("GET /healthz", "call.interaction greeting")
LAST_SECONDS = 240


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_copies_of_a_commit_are_compared(tmp_path: Path) -> None:
    """Whatever the verdict on so few requests is, it names both endpoints, the commits and the seed."""
    options = ["--base", "HEAD", "--rounds", "3", "--max-rounds", "3", "--pairs", "3", "--seed", "7"]
    for endpoint in ENDPOINTS:
        options += ["--endpoint", endpoint]
    command = [sys.executable, "-m", "performance", "run", *options, "--reports", str(tmp_path)]

    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LAST_SECONDS, check=False
    )

    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout[:12]
    verdict = json.loads((tmp_path / "performance_regression.json").read_text())
    assert "seed 7\nround 1 of 3\nround 2 of 3\nround 3 of 3\n" in result.stdout
    assert result.returncode == verdict["exit_code"] in {0, 1, 2}
    assert verdict["commits"].startswith(f"{head}..{head}")
    assert {item["endpoint"] for item in verdict["endpoints"]} == set(ENDPOINTS)
    assert len((tmp_path / "performance_history.jsonl").read_text().splitlines()) == 1
    assert not list((ROOT / "build/performance").glob(f"{head}-*"))


def test_unknown_commit_is_no_verdict(tmp_path: Path) -> None:
    """Exit code 2, before anything is measured."""
    command = [sys.executable, "-m", "performance", "run", "--base", "no-such-commit"]

    result = subprocess.run(
        [*command, "--reports", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=LAST_SECONDS, check=False
    )  # fmt: skip

    assert result.returncode == 2
    assert "No verdict: git rev-parse" in result.stdout
