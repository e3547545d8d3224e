"""What the gate makes of one verification process and its report."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gate.verification import _collect, reported_problems
from gate.version import ConsumerVersion

TIMEOUT_SECONDS = 30.0


@pytest.mark.parametrize(
    ("code", "outcome", "success"),
    [
        (0, "verified", True),
        (1, "verified", False),
        (0, "failed", False),
        (0, "incomplete", False),
        (0, "error", False),
        (2, "error", False),
    ],
)
def test_only_a_verified_report_with_exit_code_0_is_a_success(
    tmp_path: Path, code: int, outcome: str, *, success: bool
) -> None:
    """Report and exit code have to agree; in particular an error is no success."""
    report = {"outcome": outcome, "summary": f"tts: {outcome}", "problems": []}
    (tmp_path / "tts.json").write_text(json.dumps(report))
    process = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({code})"])

    result = _collect("tts", process, tmp_path, time.monotonic() + TIMEOUT_SECONDS)

    assert (result.success, result.summary) == (success, f"tts: {outcome}")


def test_only_reports_of_the_same_version_are_read_back(tmp_path: Path) -> None:
    """A report of another version, a success, and a vendor without a report describe nothing."""
    for vendor, number, problems in (("tts", "1", ["a"]), ("vault", "2", ["b"]), ("apaleo", "1", [])):
        document = {"outcome": "failed", "consumer_version": number, "summary": "", "problems": problems}
        (tmp_path / f"{vendor}.json").write_text(json.dumps(document))

    reported = reported_problems(("tts", "vault", "apaleo", "mews"), ConsumerVersion("1", "main"), tmp_path)

    assert reported == {"tts": ("a",)}
