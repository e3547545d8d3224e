"""Compares what the pacts demand with what the service read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contract_usage.demands import Demands, Interaction
from contract_usage.exceptions import UNDEMANDED, UNREAD, Exceptions
from contract_usage.exchanges import Exchange
from contract_usage.paths import HEADER, contains, matches
from contract_usage.usage_log import Kind, Reads, Usage

Concerned = dict[str, set[str]]
"""Paths, and the descriptions of the interactions that have the difference."""


@dataclass
class Figures:
    """The numbers of a vendor. Fields are counted once per interaction, undemanded ones once per exchange."""

    operations: set[str] = field(default_factory=set)
    exercised: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    """`demanded` fields, those of them that were `read`, and excused ones (`unread`, `undemanded`).

    `unexercised` are demanded fields of interactions that no suite exercises.
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
    headers = _headers_of_vendors(demands)
    exercised = {(exchange.vendor, exchange.operation) for exchange in usage}
    for exchange, interactions in sorted(demands.items()):
        figures = result.figures.setdefault(exchange.vendor, Figures())
        figures.operations.add(exchange.operation)
        if (exchange.vendor, exchange.operation) in exercised:
            figures.exercised.add(exchange.operation)
        kinds = usage.get(exchange, {})
        result.problems += _ExchangeComparison(
            exchange, interactions, headers[exchange.vendor], kinds, exceptions, figures.counts
        ).compare()
    result.problems += exceptions.stale()
    return result


def _headers_of_vendors(demands: Demands) -> dict[str, set[str]]:
    headers: dict[str, set[str]] = {}
    for exchange, interactions in demands.items():
        headers.setdefault(exchange.vendor, set()).update(
            path for interaction in interactions for path in interaction.paths if path.startswith(HEADER)
        )
    return headers


@dataclass(frozen=True)
class _ExchangeComparison:
    exchange: Exchange
    interactions: list[Interaction]
    vendor_headers: set[str]
    kinds: Mapping[Kind, Reads]
    exceptions: Exceptions
    counts: Counter[str]

    def compare(self) -> list[str]:
        """Return the differences without an exception."""
        return [
            *self._unexcused(UNREAD, self._unread(), "demanded but never read"),
            *self._unexcused(UNDEMANDED, self._undemanded(), "read but not demanded"),
        ]

    def _unread(self) -> Concerned:
        """Return what an interaction demands, and the service would not miss in its responses."""
        unread: Concerned = {}
        for interaction in self.interactions:
            demanded, description = interaction.paths, interaction.description
            self.counts["demanded"] += len(demanded)
            responses = [reads for kind, reads in self.kinds.items() if description in kind.interactions]
            if not responses:
                # there is a check of its own for that
                self.counts["unexercised"] += len(demanded)
                continue
            missing = {path for path in demanded - self._needed(responses) if not _is_read(path, responses)}
            self.counts["read"] += len(demanded - missing)
            for path in missing:
                unread.setdefault(path, set()).add(description)
        return unread

    def _needed(self, responses: Iterable[Reads]) -> set[str]:
        """Return what these responses cannot be parsed without, if it is read of other responses of the exchange."""
        required = {path for reads in responses for path in reads.required}
        return {path for path in required if _is_read(path, self.kinds.values())}

    def _undemanded(self) -> Concerned:
        """Return what the service read in a response, and none of the interactions that it may belong to demands."""
        undemanded: Concerned = {}
        for kind, reads in self.kinds.items():
            interactions = [
                item for item in self.interactions if item.description in kind.candidates
            ] or self.interactions
            for path in _not_demanded(reads, interactions, self.interactions):
                undemanded.setdefault(path, set()).update(item.description for item in interactions)
        return {
            path: names
            for path, names in undemanded.items()
            # a header that failures of one vendor have in common is demanded once
            if path not in self.vendor_headers
            # of an object that is not demanded, its fields are not named again
            and not any(_is_inside(path, other) for other in undemanded)
        }

    def _unexcused(self, kind: str, differences: Concerned, problem: str) -> list[str]:
        excused = {path for path in differences if self.exceptions.excuse(kind, self.exchange, path)}
        self.counts[kind] += len(excused)
        return [
            f"{self._title(differences[path])}: {path} is {problem}"
            for path in sorted(differences.keys() - excused)
        ]

    def _title(self, descriptions: set[str]) -> str:
        """Return the exchange with interactions, in their order."""
        names = [f"'{item.description}'" for item in self.interactions if item.description in descriptions]
        return f"{self.exchange.vendor} {self.exchange} ({', '.join(names)})"


def _is_read(path: str, responses: Iterable[Reads]) -> bool:
    return any(matches(pattern, path) for reads in responses for pattern in reads.read)


def _not_demanded(
    reads: Reads, interactions: list[Interaction], every_interaction: list[Interaction]
) -> list[str]:
    """Return the paths that some interactions do not demand; of those without a value, what none of the exchange does."""
    return [
        path
        for path in reads.read
        if (path in reads.valued or not path.startswith(HEADER))
        and not any(
            contains(path, demanded)
            for interaction in (interactions if path in reads.valued else every_interaction)
            for demanded in interaction.paths
        )
        # a copy of a mapping reads all keys, and then each by its name
        and not any(pattern != path and matches(pattern, path) for pattern in reads.read)
    ]


def _is_inside(path: str, other: str) -> bool:
    return path != other and path.startswith((f"{other}.", f"{other}["))
