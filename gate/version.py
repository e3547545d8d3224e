"""Which version of the orchestrator is asked about: the git commit, and the branch it is on."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gate.errors import GateError


@dataclass(frozen=True, slots=True)
class ConsumerVersion:
    """A version number and a branch, as the broker knows them."""

    number: str
    branch: str


def current_version(folder: Path) -> ConsumerVersion:
    """The checked-out commit; with uncommitted changes, the commit and a hash of them.

    A changed tree is another version: its pacts may differ from those published for the commit.

    Raises:
        GateError: the folder is no git checkout, or has no commit yet.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "diff", "HEAD")
    untracked = _git(folder, "ls-files", "--others", "--exclude-standard")
    if not changed and not untracked:
        return ConsumerVersion(commit, _branch(folder))
    digest = hashlib.sha256(changed.encode())
    for name in untracked.splitlines():
        digest.update(name.encode() + (folder / name).read_bytes())
    return ConsumerVersion(f"{commit}-dirty.{digest.hexdigest()[:8]}", _branch(folder))


def _branch(folder: Path) -> str:
    """The branch; on a detached head, what the CI service says it is."""
    name = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    if name != "HEAD":
        return name
    return os.environ.get("GITHUB_HEAD_REF") or os.environ.get("GITHUB_REF_NAME") or "detached"


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - git is a prerequisite
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except FileNotFoundError:
        raise GateError("git is not installed", "install git: the version is the git commit") from None
    if done.returncode:
        raise GateError(
            f"'git {arguments[0]}' failed: {done.stderr.strip() or 'no reason given'}",
            "run the gate in a git checkout with at least one commit: the version is the commit",
        )
    return done.stdout.strip()
