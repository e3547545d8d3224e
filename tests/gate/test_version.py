"""The version asked about is the git commit, or the commit and a hash of what differs from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.errors import GateError
from gate.version import ConsumerVersion, current_version, main_branch
from tests.gate.checkout import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on the branch trunk."""
    git(tmp_path, "init", "--initial-branch", "trunk")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "one")
    return tmp_path


def test_clean_repository_is_its_commit(repository: Path) -> None:
    """Number and branch are git's."""
    version = current_version(repository)

    assert version == ConsumerVersion(git(repository, "rev-parse", "HEAD"), "trunk")


def test_uncommitted_changes_are_another_version(repository: Path) -> None:
    """Each state of a changed tree has its own version, and the same state the same one."""
    clean = current_version(repository).number
    (repository / "file").write_text("two")
    changed = current_version(repository).number
    (repository / "new").write_text("three")
    untracked = current_version(repository).number

    assert changed.startswith(f"{clean}-dirty.")
    assert untracked.startswith(f"{clean}-dirty.")
    assert len({clean, changed, untracked}) == 3
    assert current_version(repository).number == untracked


def test_untracked_file_with_umlauts_counts(repository: Path) -> None:
    """Git quotes such names unless it is asked for raw ones."""
    path = repository / 'Zimmer für München "1"\n.txt'
    path.write_text("one")
    first = current_version(repository).number
    path.write_text("two")

    assert "-dirty." in first
    assert current_version(repository).number != first


def test_changed_file_that_is_not_utf_8_counts(repository: Path) -> None:
    """A diff is bytes."""
    (repository / "file").write_bytes("München\n".encode("latin-1"))

    assert "-dirty." in current_version(repository).number


def test_nested_repository_counts_by_its_files(repository: Path) -> None:
    """Git lists a repository inside the checkout as one untracked folder."""
    nested = repository / "nested"
    nested.mkdir()
    git(nested, "init")
    (nested / "file").write_text("one")
    first = current_version(repository).number
    (nested / "file").write_text("two")

    assert "-dirty." in first
    assert current_version(repository).number != first


def test_untracked_link_counts_by_its_target(repository: Path) -> None:
    """A link to a folder, such as a shared .venv, is not followed."""
    (repository / "link").symlink_to("/")
    first = current_version(repository).number
    (repository / "link").unlink()
    (repository / "link").symlink_to("/tmp")  # noqa: S108 - only the name matters

    assert "-dirty." in first
    assert current_version(repository).number != first


def test_configured_diff_program_does_not_change_the_version(repository: Path) -> None:
    """A developer's git configuration has no part in a version."""
    (repository / "file").write_text("two")
    plain = current_version(repository)
    git(repository, "config", "diff.external", "true")
    git(repository, "config", "color.ui", "always")

    assert current_version(repository) == plain


def test_detached_head_takes_its_branch_from_the_ci_service(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CI services check out a commit and name its branch in the environment."""
    git(repository, "checkout", "--detach")
    monkeypatch.delenv("GITHUB_HEAD_REF", raising=False)
    monkeypatch.setenv("GITHUB_REF_NAME", "feature")

    assert current_version(repository).branch == "feature"


def test_folder_without_a_commit_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a commit there is no version to ask about."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(GateError, match="'git rev-parse' failed"):
        current_version(tmp_path)


@pytest.mark.parametrize(("setting", "expected"), [(None, "main"), ("", "main"), ("trunk", "trunk")])
def test_main_branch_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, expected: str
) -> None:
    """`GATE_MAIN_BRANCH` names the branch that records vendor versions as deployed."""
    monkeypatch.delenv("GATE_MAIN_BRANCH", raising=False)
    if setting is not None:
        monkeypatch.setenv("GATE_MAIN_BRANCH", setting)

    assert main_branch() == expected
    assert ConsumerVersion("abc", expected).is_on_main
    assert not ConsumerVersion("abc-dirty.01234567", expected).is_on_main
    assert not ConsumerVersion("abc", "feature").is_on_main
    assert ConsumerVersion("abc", "main").is_on_main is (expected == "main")
