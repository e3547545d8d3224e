"""The version asked about is the git commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.errors import GateError
from gate.version import current_version
from tests.gate.checkout import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on the branch trunk."""
    git(tmp_path, "init", "--initial-branch", "trunk")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "one")
    return tmp_path


def test_a_clean_repository_is_its_commit(repository: Path) -> None:
    """Number and branch are git's."""
    version = current_version(repository)

    assert (version.number, version.branch) == (git(repository, "rev-parse", "HEAD"), "trunk")


def test_uncommitted_changes_are_another_version(repository: Path) -> None:
    """Each state of a changed tree has a version of its own, and the same state the same one."""
    clean = current_version(repository).number
    (repository / "file").write_text("two")
    changed = current_version(repository).number
    (repository / "new").write_text("three")
    untracked = current_version(repository).number

    assert changed.startswith(f"{clean}-dirty.")
    assert untracked.startswith(f"{clean}-dirty.")
    assert len({clean, changed, untracked}) == 3
    assert current_version(repository).number == untracked


def test_a_detached_head_takes_its_branch_from_the_ci_service(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI services check out a commit, and say in the environment which branch it is on."""
    git(repository, "checkout", "--detach")
    monkeypatch.delenv("GITHUB_HEAD_REF", raising=False)
    monkeypatch.setenv("GITHUB_REF_NAME", "feature")

    assert current_version(repository).branch == "feature"


def test_a_folder_without_a_commit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a commit there is no version to ask about."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(GateError, match="'git rev-parse' failed"):
        current_version(tmp_path)
