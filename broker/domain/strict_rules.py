"""Where the official rules of can-i-deploy say yes too early: several provider versions that are deployed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from broker.domain.matrix import MatrixRow


def add_missing_results(
    rows: Iterable[MatrixRow], deployed: Mapping[str, Sequence[tuple[int, str]]]
) -> list[MatrixRow]:
    """Return the rows with one more for each deployed provider version that has no result for a pact.

    The official broker is content with a result of one of them, although the consumer meets all of them.

    Args:
        rows: the rows of the matrix.
        deployed: the ids and numbers of the provider versions in the environment, by the provider's name.
    """
    pacts: defaultdict[tuple[Any, ...], list[MatrixRow]] = defaultdict(list)
    for row in rows:
        pacts[row.consumer_version_id, row.revision, row.consumer, row.provider].append(row)
    return [row for group in pacts.values() for row in _complete(group, deployed.get(group[0].provider, ()))]


def _complete(rows: list[MatrixRow], versions: Sequence[tuple[int, str]]) -> list[MatrixRow]:
    # of a single version the row without a result is there already
    if len(versions) < 2:
        return rows
    verified = [row for row in rows if row.result is not None]
    known = {row.provider_version_id for row in verified}
    missing = [
        replace(
            rows[0],
            provider_version=number,
            provider_version_id=version,
            result=None,
            success=None,
            verified=None,
        )
        for version, number in versions
        if version not in known
    ]
    return verified + missing
