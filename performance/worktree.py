"""The code of another commit, in a git worktree of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from performance.http_client import MeasurementError

ROOT = Path(__file__).parents[1]


@contextmanager
def checkout(revision: str, root: Path = ROOT) -> Iterator[Path]:
    """Check a commit out below build/ as long as the block, and yield its folder.

    Args:
        revision: a commit, branch or tag.
        root: the repository.

    Raises:
        MeasurementError: there is no such commit.
    """
    commit = resolve(revision, root)
    # two runs at the same time must not share a folder
    folder = root / "build/performance" / f"{commit[:12]}-{os.getpid()}"
    _git(root, "worktree", "add", "--quiet", "--detach", str(folder), commit)
    try:
        yield folder
    finally:
        _git(root, "worktree", "remove", "--force", str(folder))


def resolve(revision: str, root: Path = ROOT) -> str:
    """Return the full hash of a commit.

    Raises:
        MeasurementError: there is no such commit.
    """
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def describe_head(root: Path = ROOT) -> tuple[str, bool]:
    """Return the checked-out commit's hash, and whether there are changes of tracked files besides.

    Raises:
        MeasurementError: it is no repository.
    """
    return resolve("HEAD", root), bool(_git(root, "status", "--porcelain", "--untracked-files=no"))


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = result.stderr.strip() or "there is no such commit"
        raise MeasurementError(f"git {' '.join(arguments)}: {reason}")
    return result.stdout.strip()
