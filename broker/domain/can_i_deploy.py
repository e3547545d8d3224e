"""May it be deployed: the matrix's rows judged as the official Pact Broker judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A pact of a consumer version, and a result of a provider version for it, or none."""

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
        """The place in the matrix: by names, newest first."""
        return (
            self.consumer.lower(),
            -self.consumer_version_id,
            -self.revision,
            self.provider.lower(),
            -self.provider_version_id,
            -(self.result or 0),
        )


@dataclass(frozen=True, slots=True)
class ResolvedSelector:
    """A selector and the versions it stands for.

    Attributes:
        number: the version it named, if it named one.
        words: what it means, such as `latest version of X from branch main`.
        versions: their ids; empty for all when `everything` is asked for.
        missing: it must stand for a version and does not.
    """

    pacticipant: str
    number: str | None
    description: str
    versions: tuple[int, ...]
    matches_all_versions: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class IgnoreSelector:
    """A pacticipant, or one version of it, that shall not count; `known` if there is such a thing."""

    pacticipant: str
    number: str | None
    known: bool

    def matches(self, name: str, number: str | None) -> bool:
        """Whether this name and version are ignored."""
        return name == self.pacticipant and self.number in {None, number}


@dataclass(frozen=True, slots=True)
class Notice:
    """A reason, or a word of warning."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class CanIDeployResult:
    """The answer: deployable is True, False, or None when a result is missing."""

    deployable: bool | None
    success: int
    failed: int
    unknown: int
    considered: tuple[MatrixRow, ...]
    ignored: tuple[MatrixRow, ...]
    ignoring: bool
    notices: tuple[Notice, ...]


LATEST_BY_KEYS: dict[str, Callable[[MatrixRow], tuple[Any, ...]]] = {
    "cvpv": lambda row: (row.consumer, row.consumer_version, row.provider, row.provider_version),
    "cvp": lambda row: (row.consumer, row.consumer_version, row.provider),
    "cp": lambda row: (row.consumer, row.provider),
}


def latest_rows_by(rows: Iterable[MatrixRow], latestby: str | None) -> list[MatrixRow]:
    """Of each group the row of the newest provider version; all rows when there is nothing to group by."""
    ordered = sorted(rows, key=MatrixRow.sort_key)
    if latestby is None:
        return ordered
    kept: dict[tuple[Any, ...], MatrixRow] = {}
    for row in ordered:
        group = LATEST_BY_KEYS[latestby](row)
        if group not in kept or row.provider_version_id > kept[group].provider_version_id:
            kept[group] = row
    return sorted(kept.values(), key=MatrixRow.sort_key)


def evaluate(
    rows: Sequence[MatrixRow],
    selected: Sequence[ResolvedSelector],
    required: Iterable[tuple[str, str]],
    ignored: Sequence[IgnoreSelector],
    warnings: Sequence[str],
) -> CanIDeployResult:
    """Decide; the first that applies wins: a version that does not exist is no, a missing result is unknown.

    Args:
        rows: what the matrix shows.
        selected: what was asked about.
        required: (consumer, provider) pairs that must have a row.
        ignored: what shall not count.
        warnings: what the asker should know besides.
    """
    aside = [row for row in rows if _is_ignored(row, ignored)]
    counted = [row for row in rows if row not in aside]
    missing = [selector for selector in selected if selector.missing and not _excused(selector, ignored)]
    present = {(row.consumer, row.provider) for row in rows}
    without_row = [pair for pair in sorted(required) if pair not in present]
    unknown = sum(row.success is None for row in counted) + len(without_row)
    failed = sum(row.success is False for row in counted)
    if missing:
        deployable: bool | None = False
    elif unknown:
        deployable = None
    else:
        deployable = not failed
    notices = [
        *(
            Notice("warning", f"there is no {one.pacticipant} {one.number or ''}".rstrip() + " to ignore")
            for one in ignored
            if not one.known
        ),
        *(Notice("warning", text) for text in warnings),
        *_reasons(missing, counted, without_row, selected),
    ]
    success = sum(row.success is True for row in counted)
    return CanIDeployResult(
        deployable, success, failed, unknown, tuple(counted), tuple(aside), bool(ignored), tuple(notices)
    )


def _is_ignored(row: MatrixRow, ignored: Sequence[IgnoreSelector]) -> bool:
    return any(
        one.matches(row.consumer, row.consumer_version) or one.matches(row.provider, row.provider_version)
        for one in ignored
    )


def _excused(selector: ResolvedSelector, ignored: Sequence[IgnoreSelector]) -> bool:
    return any(one.pacticipant == selector.pacticipant and one.number is None for one in ignored)


def _reasons(
    missing: Sequence[ResolvedSelector],
    rows: Sequence[MatrixRow],
    without_row: Sequence[tuple[str, str]],
    selected: Sequence[ResolvedSelector],
) -> list[Notice]:
    if missing:
        texts = [
            f"There is no {one.description}: publish it, or check its name and number" for one in missing
        ]
        return [Notice("error", text) for text in texts]
    errors = [
        Notice("error", f"There is no pact between {consumer} and {provider} that was verified")
        for consumer, provider in without_row
    ]
    errors += [Notice("error", _wrong(row, selected)) for row in rows if not row.success]
    if errors:
        return errors
    if rows:
        return [Notice("success", "All required verification results are published and successful")]
    return [Notice("success", "There are no missing dependencies")]


def _wrong(row: MatrixRow, selected: Sequence[ResolvedSelector]) -> str:
    pact = f"the pact between {row.consumer} ({row.consumer_version}) and {row.provider}"
    if row.success is not None:
        return f"The verification of {pact} ({row.provider_version}) failed"
    meant = next((one for one in selected if one.pacticipant == row.provider), None)
    if meant and not meant.versions and not meant.matches_all_versions:
        return (
            f"There is no {meant.description}, which {row.consumer} ({row.consumer_version}) has a pact with"
        )
    there = meant.description if meant else f"version of {row.provider}"
    return f"P{pact.removeprefix('the p')} has no result from any {there}: verify it"
