"""Compares what the pacts demand with what the service read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from contract_usage.demands import Demands, Interaction
from contract_usage.exceptions import UNDEMANDED, UNREAD, Exceptions
from contract_usage.exchanges import Exchange
from contract_usage.paths import contains, matches
from contract_usage.usage_log import Usage


@dataclass
class Figures:
    """The numbers of a vendor. Fields are counted once per operation and status."""

    operations: set[str] = field(default_factory=set)
    exercised: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    """`demanded` fields, those of them that were `read`, and excused ones (`unread`, `undemanded`).

    `unexercised` are demanded fields of exchanges that no suite exercises.
    """


@dataclass
class Result:
    """The outcome of a comparison."""

    problems: list[str] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)


def compare(demands: Demands, usage: Usage, exceptions: Exceptions) -> Result:
    """Compare; every difference without an exception, and every exception without a difference, is a problem.

    Exchanges that no pact describes are left out: a suite fails on them, unless a test injected them as a fault.
    """
    result = Result()
    exercised = {(exchange.vendor, exchange.operation) for exchange in usage}
    for exchange, interactions in sorted(demands.items()):
        figures = result.figures.setdefault(exchange.vendor, Figures())
        figures.operations.add(exchange.operation)
        if (exchange.vendor, exchange.operation) in exercised:
            figures.exercised.add(exchange.operation)
        demanded = frozenset().union(*(interaction.paths for interaction in interactions))
        figures.counts["demanded"] += len(demanded)
        if exchange in usage:
            comparison = _ExchangeComparison(exchange, interactions, demanded, exceptions, figures.counts)
            result.problems += comparison.compare(usage[exchange])
        else:
            # its interactions are not exercised, for which there is a check of its own
            figures.counts["unexercised"] += len(demanded)
    result.problems += exceptions.stale()
    return result


@dataclass(frozen=True)
class _ExchangeComparison:
    exchange: Exchange
    interactions: list[Interaction]
    demanded: frozenset[str]
    exceptions: Exceptions
    counts: Counter[str]

    def compare(self, read: set[str]) -> list[str]:
        """Return the differences without an exception."""
        unread = {path for path in self.demanded if not any(matches(pattern, path) for pattern in read)}
        self.counts["read"] += len(self.demanded - unread)
        undemanded = {
            path
            for path in read
            if not any(contains(path, demanded) for demanded in self.demanded)
            # a copy of a mapping reads all keys, and then each by its name
            and not any(pattern != path and matches(pattern, path) for pattern in read)
        }
        # of an object that is not demanded, its fields are not named again
        outermost = {path for path in undemanded if not any(_is_inside(path, other) for other in undemanded)}
        return [
            *self._unexcused(UNREAD, unread, "demanded but never read"),
            *self._unexcused(UNDEMANDED, outermost, "read but not demanded"),
        ]

    def _unexcused(self, kind: str, paths: set[str], problem: str) -> list[str]:
        excused = {path for path in paths if self.exceptions.excuse(kind, self.exchange, path)}
        self.counts[kind] += len(excused)
        return [f"{self._title({path})}: {path} is {problem}" for path in sorted(paths - excused)]

    def _title(self, paths: set[str] | frozenset[str]) -> str:
        """Return the exchange with those of its interactions that demand one of the paths, or with all."""
        concerned = [item for item in self.interactions if item.paths & paths] or self.interactions
        names = ", ".join(f"'{interaction.description}'" for interaction in concerned)
        return f"{self.exchange.vendor} {self.exchange} ({names})"


def _is_inside(path: str, other: str) -> bool:
    return path != other and path.startswith((f"{other}.", f"{other}["))
