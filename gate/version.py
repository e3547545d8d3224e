"""The version of the orchestrator that the gate is asked about: the git commit and its branch."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gate.errors import GateError

DIRTY = "-dirty."
# the hash depends on every changed byte, and on no diff tool or colour that the user has configured
DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "HEAD")
# -z, because git otherwise quotes unusual names
UNTRACKED = ("ls-files", "-z", "--others", "--exclude-standard")


@dataclass(frozen=True, slots=True)
class ConsumerVersion:
    """A version number and a branch, as the broker knows them."""

    number: str
    branch: str

    @property
    def is_on_main(self) -> bool:
        """Whether it is a commit of the main branch, without uncommitted changes."""
        return self.branch == main_branch() and DIRTY not in self.number


def main_branch() -> str:
    """Return the branch whose runs record vendor versions as deployed: `GATE_MAIN_BRANCH`, or `main`."""
    return os.environ.get("GATE_MAIN_BRANCH", "").strip() or "main"


def current_version(folder: Path) -> ConsumerVersion:
    """Return the checked-out commit, with uncommitted changes the commit and a hash of them.

    A changed tree is a version of its own: its pacts may differ from those published for the commit.

    Raises:
        GateError: if the folder is not a git checkout, has no commit, or a changed file cannot be read.
    """
    commit = _git(folder, "rev-parse", "HEAD").decode().strip()
    changes = _git(folder, *DIFF)
    untracked = [Path(os.fsdecode(name)) for name in _git(folder, *UNTRACKED).split(b"\0") if name]
    if not changes and not untracked:
        return ConsumerVersion(commit, _branch(folder))
    digest = hashlib.sha256(changes)
    try:
        for name in untracked:
            # separated by NUL, so that a name cannot be mistaken for content
            digest.update(os.fsencode(name) + b"\0")
            for content in _contents(folder / name):
                digest.update(content)
    except OSError as error:
        raise GateError(
            f"an untracked file cannot be read: {error}", "remove it, or list it in .gitignore"
        ) from None
    return ConsumerVersion(f"{commit}{DIRTY}{digest.hexdigest()[:8]}", _branch(folder))


def _contents(path: Path) -> Iterator[bytes]:
    """Yield the content of an untracked path: a file, a link, or a folder that is a git repository of its own."""
    if path.is_symlink():
        # the target as git stores it, because the link may point out of the tree
        yield os.fsencode(path.readlink())
    elif path.is_dir():
        # sorted, because file systems list a folder in different orders
        for member in sorted(path.rglob("*")):
            if ".git" not in member.relative_to(path).parts and not member.is_dir():
                yield os.fsencode(member.relative_to(path)) + b"\0"
                yield from _contents(member)
    elif path.is_file():
        yield path.read_bytes()


def _branch(folder: Path) -> str:
    """Return the branch; on a detached head, the one that the CI service names."""
    name = os.fsdecode(_git(folder, "rev-parse", "--abbrev-ref", "HEAD").strip())
    if name != "HEAD":
        return name
    # set for a pull request only, where the other variable names the merge ref
    return os.environ.get("GITHUB_HEAD_REF") or os.environ.get("GITHUB_REF_NAME") or "detached"


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        process = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - git is a prerequisite
            capture_output=True,
            timeout=30,
            check=False,
        )
    except FileNotFoundError:
        raise GateError("git is not installed", "install git: the version is the git commit") from None
    except subprocess.TimeoutExpired:
        raise GateError(
            f"'git {arguments[0]}' took longer than 30 s", "run it by itself to see why"
        ) from None
    if process.returncode:
        reason = process.stderr.decode(errors="replace").strip() or "no reason given"
        raise GateError(
            f"'git {arguments[0]}' failed: {reason}",
            "run the gate in a git checkout with at least one commit: the version is the commit",
        )
    return process.stdout
