"""Comparison of replay results with the list of deviations."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from provider_verification.conformance.replay.replay import ReplayResult


def apply_deviations(results: Iterable[ReplayResult], patterns: set[str]) -> tuple[list[str], set[str]]:
    """The differences that no pattern excuses, and the patterns that excuse none."""
    unexcused, used_patterns = [], set()
    for result in results:
        if not result.differences:
            continue
        exchange = result.exchange
        names = (exchange.identifier, f"{exchange.method} {exchange.path}")
        matching = {pattern for pattern in patterns for name in names if fnmatchcase(name, pattern)}
        used_patterns |= matching
        if not matching:
            unexcused.append(f"{exchange.identifier}: {result.differences}")
    return unexcused, patterns - used_patterns
