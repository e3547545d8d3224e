"""The checks of `make security`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BASELINE = REPOSITORY / ".secrets.baseline"
KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
"""What looks like an AWS key; in two parts, so that the scan of this file finds nothing."""


@pytest.mark.parametrize(
    ("content", "code"), [(f"key: {KEY}\n", 1), ("key: none\n", 0)], ids=["secret", "none"]
)
def test_new_secret_is_found(tmp_path: Path, content: str, code: int) -> None:
    """The baseline lists what is known, and nothing else is accepted."""
    path = tmp_path / "settings.yml"
    path.write_text(content)
    before = BASELINE.read_bytes()
    hook = Path(sys.executable).with_name("detect-secrets-hook")

    run = subprocess.run(
        [hook, "--no-verify", "--baseline", BASELINE, path], capture_output=True, text=True, check=False
    )

    assert run.returncode == code, run.stdout + run.stderr
    assert ("AWS Access Key" in run.stdout) == (code == 1)
    assert BASELINE.read_bytes() == before


def test_baseline_has_no_path_of_a_machine() -> None:
    """Findings are in files of the project, which are named relative to it."""
    files = json.loads(BASELINE.read_text())["results"]

    assert [name for name in files if Path(name).is_absolute()] == []


def test_audit_fails_without_its_service() -> None:
    """Without --strict, a dependency that the service does not know is skipped and the audit succeeds."""
    makefile = (REPOSITORY / "Makefile").read_text()

    [audit] = [line for line in makefile.splitlines() if "pip-audit" in line]

    assert {"--strict", "--require-hashes"} < set(audit.split())
