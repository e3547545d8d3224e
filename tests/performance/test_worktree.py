"""The code of another commit is checked out for a run and removed after it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from performance.http_client import MeasurementError
from performance.worktree import checkout, describe_head, resolve


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in a path with a blank, with two commits of one file."""
    root = tmp_path / "a repository"
    root.mkdir()
    git(root, "init", "--quiet")
    for text in ("first", "second"):
        (root / "file").write_text(text)
        git(root, "add", "file")
        git(root, "-c", "user.name=T", "-c", "user.email=t@hotel.example", "commit", "--quiet", "-m", text)
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git and return its output."""
    result = subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True)
    return result.stdout.strip()


def test_checkout_has_the_code_of_the_commit_and_leaves_nothing(repository: Path) -> None:
    """The older file below build/, while the working tree keeps the newer one."""
    with checkout("HEAD~1", repository) as folder:
        assert (folder / "file").read_text() == "first"
        assert (repository / "file").read_text() == "second"
        assert folder.is_relative_to(repository / "build")

    assert not folder.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def fail_inside_checkout(repository: Path, folders: list[Path]) -> None:
    """Add a file to a checkout, as bytecode is, and fail."""
    with checkout("HEAD~1", repository) as folder:
        folders.append(folder)
        (folder / "added").touch()
        raise RuntimeError


def test_checkout_is_removed_after_an_error(repository: Path) -> None:
    """Also with added files."""
    folders: list[Path] = []

    with pytest.raises(RuntimeError):
        fail_inside_checkout(repository, folders)

    assert [folder.exists() for folder in folders] == [False]


@pytest.mark.parametrize("revision", ["no-such-branch", "--help", "HEAD:file"])
def test_unknown_commit_is_named(repository: Path, revision: str) -> None:
    """The message holds what was asked for, and an option is no commit."""
    with pytest.raises(MeasurementError, match=revision):
        resolve(revision, repository)


def test_head_tells_whether_tracked_files_changed(repository: Path) -> None:
    """An untracked file is no change of the code under test."""
    (repository / "untracked").touch()
    assert describe_head(repository) == (git(repository, "rev-parse", "HEAD"), False)

    (repository / "file").write_text("third")
    assert describe_head(repository)[1] is True
