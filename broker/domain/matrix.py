"""The values of the matrix: version filters, resolved selectors and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VersionFilter:
    """Which versions of a pacticipant are meant; all given criteria must match."""

    number: str | None = None
    branch: str | None = None
    tag: str | None = None
    environment: str | None = None
    main_branch: bool = False
    latest: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no criterion is given."""
        return self == VersionFilter()

    def describe(self, pacticipant: str) -> str:
        """Return the meaning in words, such as `latest version of Foo from branch main`."""
        if self.number is not None:
            return f"version {self.number} of {pacticipant}"
        text = f"latest version of {pacticipant}" if self.latest else f"version of {pacticipant}"
        if self.main_branch:
            text += " from its main branch"
        if self.branch is not None:
            text += f" from branch {self.branch}"
        if self.tag is not None:
            text += f" with tag {self.tag}"
        return text if self.environment is None else f"{text} currently in {self.environment}"


@dataclass(frozen=True, slots=True)
class ResolvedSelector:
    """A selector and the versions it matches.

    Attributes:
        pacticipant: the pacticipant's name.
        number: the version number of the selector, if it has one.
        description: the meaning in words, such as `latest version of Foo from branch main`.
        versions: the ids of the matching versions; empty when all versions match.
        matches_all_versions: the selector has no criteria.
        missing: the selector must match a version and matches none.
    """

    pacticipant: str
    number: str | None
    description: str
    versions: tuple[int, ...]
    matches_all_versions: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class IgnoreSelector:
    """A pacticipant, or one version of it, to be ignored; `known` if it exists."""

    pacticipant: str
    number: str | None
    known: bool

    def matches(self, name: str, number: str | None) -> bool:
        """Return whether a version of a pacticipant is ignored."""
        return name == self.pacticipant and self.number in {None, number}


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A pact of a consumer version with the result of a provider version, or without one."""

    consumer: str
    consumer_version: str
    consumer_version_id: int
    revision: int
    provider: str
    provider_version: str | None
    provider_version_id: int
    result: int | None
    success: bool | None
    sha: str
    published: int
    verified: int | None

    def sort_key(self) -> tuple[Any, ...]:
        """Return the row's position: by names, newest first."""
        return (
            self.consumer.lower(),
            # ids are a creation sequence, by which the official broker orders versions too
            -self.consumer_version_id,
            -self.revision,
            self.provider.lower(),
            -self.provider_version_id,
            -(self.result or 0),
        )


LATEST_BY_KEYS: dict[str, Callable[[MatrixRow], tuple[Any, ...]]] = {
    "cvpv": lambda row: (row.consumer, row.consumer_version, row.provider, row.provider_version),
    "cvp": lambda row: (row.consumer, row.consumer_version, row.provider),
    "cp": lambda row: (row.consumer, row.provider),
}


def latest_rows_by(rows: Iterable[MatrixRow], latestby: str | None) -> list[MatrixRow]:
    """Return the row of the newest provider version of each group, or all rows without a grouping."""
    ordered = sorted(rows, key=MatrixRow.sort_key)
    if latestby is None:
        return ordered
    latest: dict[tuple[Any, ...], MatrixRow] = {}
    for row in ordered:
        group = LATEST_BY_KEYS[latestby](row)
        # by order of versions, not by time: verifying an old provider version again does not win
        if group not in latest or row.provider_version_id > latest[group].provider_version_id:
            latest[group] = row
    return sorted(latest.values(), key=MatrixRow.sort_key)
