"""The can-i-deploy decision over matrix rows, by the rules of the official Pact Broker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broker.domain.matrix import IgnoreSelector, MatrixRow, ResolvedSelector


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the client; `type` is `error`, `warning` or `success`."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class CanIDeployResult:
    """The decision; `deployable` is None when a verification result is missing."""

    deployable: bool | None
    success: int
    failed: int
    unknown: int
    considered: tuple[MatrixRow, ...]
    ignored: tuple[MatrixRow, ...]
    has_ignore_selectors: bool
    notices: tuple[Notice, ...]


def evaluate(
    rows: Sequence[MatrixRow],
    selectors: Sequence[ResolvedSelector],
    required: Iterable[tuple[str, str]],
    ignore: Sequence[IgnoreSelector],
    warnings: Sequence[str],
    without_pacts: Sequence[tuple[str, str]] = (),
) -> CanIDeployResult:
    """Decide by the first rule that applies: a missing version is no, a missing result is unknown, a failure is no.

    Args:
        rows: the rows of the matrix.
        selectors: the resolved selectors of the query.
        required: (consumer, provider) pairs that must have a row.
        ignore: pacticipants or versions whose rows do not count.
        warnings: texts of warnings about the query.
        without_pacts: (pacticipant, number) of the selected versions about which nothing can be said without a pact.
    """
    ignored = [row for row in rows if _is_ignored(row, ignore)]
    considered = [row for row in rows if row not in ignored]
    missing = [selector for selector in selectors if selector.missing and not _is_excused(selector, ignore)]
    # ignored rows count: ignoring a row must not turn it into a missing one
    present = {(row.consumer, row.provider) for row in rows}
    without_row = [pair for pair in sorted(required) if pair not in present]
    silent = [version for version in without_pacts if not any(item.matches(*version) for item in ignore)]
    unknown = sum(row.success is None for row in considered) + len(without_row) + len(silent)
    failed = sum(row.success is False for row in considered)
    notices = (
        *_warnings(ignore, warnings),
        # without the version, the rows say nothing
        *(_missing_notices(missing) or _row_notices(considered, without_row, selectors, silent)),
    )
    return CanIDeployResult(
        # the official order: missing beats unknown, unknown beats failed
        deployable=False if missing else None if unknown else not failed,
        success=sum(row.success is True for row in considered),
        failed=failed,
        unknown=unknown,
        considered=tuple(considered),
        ignored=tuple(ignored),
        has_ignore_selectors=bool(ignore),
        notices=notices,
    )


def _is_ignored(row: MatrixRow, ignore: Sequence[IgnoreSelector]) -> bool:
    return any(
        selector.matches(row.consumer, row.consumer_version)
        or selector.matches(row.provider, row.provider_version)
        for selector in ignore
    )


def _is_excused(selector: ResolvedSelector, ignore: Sequence[IgnoreSelector]) -> bool:
    # ignoring one version does not excuse that it is missing, as at the official broker
    return any(item.pacticipant == selector.pacticipant and item.number is None for item in ignore)


def _warnings(ignore: Sequence[IgnoreSelector], warnings: Sequence[str]) -> list[Notice]:
    unknown = [
        f"Cannot ignore {selector.pacticipant} {selector.number or ''}".rstrip() + ": it does not exist"
        for selector in ignore
        if not selector.known
    ]
    return [Notice("warning", text) for text in [*unknown, *warnings]]


def _missing_notices(missing: Sequence[ResolvedSelector]) -> list[Notice]:
    return [
        Notice("error", f"There is no {selector.description}: publish it, or check its name and number")
        for selector in missing
    ]


def _row_notices(
    rows: Sequence[MatrixRow],
    without_row: Sequence[tuple[str, str]],
    selectors: Sequence[ResolvedSelector],
    silent: Sequence[tuple[str, str]],
) -> list[Notice]:
    texts = [
        f"{name} ({number}) has no pact: publish its pacts, or ask with rules=official if it needs none"
        for name, number in silent
    ]
    texts += [
        f"There is no verified pact between {consumer} and {provider}" for consumer, provider in without_row
    ]
    texts += [_describe_problem(row, selectors) for row in rows if not row.success]
    if texts:
        # rows that differ only in what the text leaves out repeat it
        return [Notice("error", text) for text in dict.fromkeys(texts)]
    if rows:
        return [Notice("success", "All required verification results are published and successful")]
    return [Notice("success", "There are no missing dependencies")]


def _describe_problem(row: MatrixRow, selectors: Sequence[ResolvedSelector]) -> str:
    consumer = f"{row.consumer} ({row.consumer_version})"
    if row.success is not None:
        return f"The verification of the pact between {consumer} and {row.provider} ({row.provider_version}) failed"
    selector = next((item for item in selectors if item.pacticipant == row.provider), None)
    if selector and not selector.versions and not selector.matches_all_versions:
        return f"There is no {selector.description}, which {consumer} has a pact with"
    provider = selector.description if selector else f"version of {row.provider}"
    if row.provider_version is not None:
        return f"The pact between {consumer} and {row.provider} has no verification result from version {row.provider_version}, a {provider}"
    return f"The pact between {consumer} and {row.provider} has no verification result from any {provider}"
