"""A mutant, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["response", "request", "client", "decision"]
SIDES: tuple[Side, ...] = ("response", "request", "client", "decision")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one thing.

    Attributes:
        side: what is changed: a vendor's response, the orchestrator's request, the code of a client, or that of a decision.
        vendor: the vendor; for a decision, the package.
        interaction: the interaction's description; for code, the module and function.
        kind: the kind of change, such as `field dropped`.
        path: the JSON path, the name of a header or parameter, or the line of the code.
        before: what was there, for people.
        after: what is there instead, for people.
        is_demanded: whether the contract demands what is changed. Such a mutant must be caught; any other must not be,
            because a contract that demands a field that is never read is too strict.
    """

    side: Side
    vendor: str
    interaction: str
    kind: str
    path: str
    before: str
    after: str
    is_demanded: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant; `caught_by` is the message of what caught it, or None."""

    mutant: Mutant
    caught_by: str | None

    @property
    def is_survivor(self) -> bool:
        """Whether it is a defect of the contract: demanded and not caught, or caught and not demanded."""
        return self.mutant.is_demanded == (self.caught_by is None)


class NoVerdictError(Exception):
    """The mutants could not be judged: the unchanged contract fails, or a judge did not run to its end."""
