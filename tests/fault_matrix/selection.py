"""Which faults a run injects into an interaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fault_injection.catalogue import FAULTS, Fault
from tests.thoroughness import THOROUGH

MAX_TURNS = 7
"""How many interactions share the faults of one kind at most: with more, a normal run has fewer than 1,500 cases."""
MIN_REPEATS = 3
"""How often each fault has its turn among the interactions of a method: not every fault applies to each of them."""


def select_faults(applicable: Collection[Fault], index: int, count: int) -> list[Fault]:
    """Return the faults of an interaction: all that apply in a thorough run.

    Otherwise the interactions of a vendor and a method take turns: each gets at least one fault of each kind, and each fault
    occurs in at least one of them. Faults are of one kind if clients raise the same error and repeat the request alike.

    Args:
        applicable: the faults that can happen to the interaction.
        index: the place of the interaction among those of its vendor and method.
        count: how many interactions the vendor and the method have.
    """
    if THOROUGH:
        return [fault for fault in FAULTS if fault in applicable]
    turns = max(1, min(MAX_TURNS, count // MIN_REPEATS))
    # odd, for neighbours often alternate between a result with a body and an error without one
    turns -= 1 - turns % 2
    selected = [fault for kind in _kinds() for fault in _take_turn(kind, applicable, index % turns, turns)]
    return [fault for fault in FAULTS if fault in selected]


def _kinds() -> list[list[Fault]]:
    kinds: dict[tuple[str | None, bool], list[Fault]] = {}
    for fault in FAULTS:
        kinds.setdefault((fault.raises, fault.retried), []).append(fault)
    return list(kinds.values())


def _take_turn(kind: list[Fault], applicable: Collection[Fault], turn: int, turns: int) -> Iterator[Fault]:
    possible = [fault for fault in kind if fault in applicable]
    in_turn = [fault for place, fault in enumerate(kind) if place % turns == turn and fault in possible]
    yield from in_turn or (possible[turn % len(possible)],) if possible else ()
