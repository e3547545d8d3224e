"""Which calls two inbound trunks both accept, as LiveKit decides it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol


class AcceptedCalls(Protocol):
    """The calls that a trunk accepts."""

    @property
    def numbers(self) -> Sequence[str]:
        """The numbers that are called; empty for all."""

    @property
    def allowed_numbers(self) -> Sequence[str]:
        """The callers; empty for all."""


def shared_numbers(first: AcceptedCalls, second: AcceptedCalls) -> list[str]:
    """Return the numbers whose calls both trunks accept from the same callers; LiveKit rejects the second such trunk.

    Source: the validation of trunks in livekit/protocol. A trunk that accepts all callers beside one that accepts only
    some is no conflict, nor is one without numbers beside one with numbers.
    """
    callers = _normalized(first.allowed_numbers), _normalized(second.allowed_numbers)
    if callers[0] & callers[1] or not any(callers):
        return sorted(_normalized(first.numbers) & _normalized(second.numbers))
    return []


def _normalized(numbers: Sequence[str]) -> set[str]:
    # LiveKit compares digits only
    return {"+" + re.sub(r"\D", "", number) for number in numbers}
