"""A checkout of its own for each test of the whole pipeline."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.gate.checkout import Checkout, git

REPOSITORY = Path(__file__).parents[2]
PARTS = ("broker", "consumer_tests", "gate", "orchestrator", "pacts", "provider_verification", "schemas")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """The project as it stands, as one commit on main."""
    folder = tmp_path / "checkout"
    for part in PARTS:
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".gitignore").write_text("__pycache__/\nbuild/\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all of it")
    return Checkout(folder)
