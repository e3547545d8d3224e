"""What comes of a wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, and what was done.

    Args:
        phrase: the sentence's name.
        values: in the sentence.
        outcome: `done`, `asked` (something is missing), `refused`, or `degraded`.
        result: for machines.
        stay: the reservation that the call is about from now on.
    """

    phrase_key: str
    phrase_values: Mapping[str, str] = field(default_factory=dict)
    outcome: str = "done"
    result: Mapping[str, Any] = field(default_factory=dict)
    reservation_id: str | None = None


def needs_input(phrase: str, *missing: str) -> Reply:
    """A question for what is missing."""
    return Reply(phrase, outcome="input_required", result={"missing": list(missing)})


def declined(phrase: str = "refused", reason: str = "refused") -> Reply:
    """It cannot be."""
    return Reply(phrase, outcome="refused", result={"reason": reason})
