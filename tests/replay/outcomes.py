"""Outcomes of played recordings, held against the list of deviations."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from provider_verification.conformance.replay.replay import ReplayResult


def judged(outcomes: Iterable[ReplayResult], patterns: set[str]) -> tuple[list[str], set[str]]:
    """The differences that no pattern excuses, and the patterns that excuse nothing."""
    unlisted, used = [], set()
    for outcome in outcomes:
        if not outcome.differences:
            continue
        exchange = outcome.exchange
        names = (exchange.identifier, f"{exchange.method} {exchange.path}")
        excusing = {pattern for pattern in patterns for name in names if fnmatchcase(name, pattern)}
        used |= excusing
        if not excusing:
            unlisted.append(f"{exchange.identifier}: {outcome.differences}")
    return unlisted, patterns - used
