"""The cases of the partial failures: which vendor request of an event meets which disturbance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle

from tests.thoroughness import THOROUGH

CHANGES = {
    "apaleo": {
        "createBooking",
        "amend",
        "cancelReservation",
        "bookService",
        "checkIn",
        "checkOut",
        "assignAnyUnit",
    },
    "livekit": {"CreateRoom", "DeleteRoom", "StartRoomCompositeEgress"},
}
"""The operations that change something at a vendor, which may happen only once."""


TURNS, STALL_TURN = 3, 2
"""In a normal run, two of three requests that change nothing are caught by a kill, and the third by a stall."""


class Receiver(StrEnum):
    """The process that an event is delivered to again: the one that was disturbed, or another one."""

    SAME = "same"
    ANOTHER = "another"


@dataclass(frozen=True)
class Case:
    """One vendor request of an event.

    Attributes:
        kind: the event, as in `Subject`.
        occurrence: which of the event's requests of this operation, from 1.
    """

    kind: str
    vendor: str
    operation: str
    occurrence: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.vendor} {self.operation} {self.occurrence}"

    @property
    def is_change(self) -> bool:
        """Whether the request changes something at the vendor."""
        return self.operation in CHANGES.get(self.vendor, ())


Delivery = tuple[Case, Receiver]
"""A disturbed request, and where its event is delivered again."""


def select_kills(cases: Sequence[Case]) -> list[Delivery]:
    """Return the cases in which the process is killed: in a thorough run, all of them with both receivers.

    In a normal run a request that changes something is caught by a kill and by a stall, and any other by one of the two;
    the receivers take turns.
    """
    if THOROUGH:
        return [(case, receiver) for receiver in Receiver for case in cases]
    return _with_receivers(case for turn, case in _turns(cases) if case.is_change or turn != STALL_TURN)


def select_stalls(cases: Sequence[Case]) -> list[Delivery]:
    """Return the cases in which Redis stalls, with the receivers in turn: in a thorough run, all of them."""
    return _with_receivers(
        case for turn, case in _turns(cases) if THOROUGH or case.is_change or turn == STALL_TURN
    )


def _turns(cases: Sequence[Case]) -> Iterator[tuple[int, Case]]:
    return zip(cycle(range(TURNS)), cases, strict=False)


def _with_receivers(cases: Iterable[Case]) -> list[Delivery]:
    return list(zip(cases, cycle(Receiver), strict=False))
