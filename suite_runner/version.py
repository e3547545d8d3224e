"""The commit that is tested."""

from __future__ import annotations

import subprocess
from pathlib import Path


def current_commit(root: Path) -> str:
    """Return the commit's hash, with `+changes` if the tree differs from it; empty outside a git repository."""
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain") if commit else ""
    return f"{commit}+changes" if changes else commit


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    try:
        result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - git
    except (OSError, subprocess.CalledProcessError):
        return ""
    return result.stdout.strip()
