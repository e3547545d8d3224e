"""The result of an intent: the phrase to speak and the data for clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a guest.

    Args:
        phrase_key: the key of the phrase in `phrases.PHRASES`.
        phrase_values: the values for the placeholders of the phrase.
        outcome: `done`, `input_required`, `refused` or `degraded`.
        result: the data for clients.
        reservation_id: the reservation that is the subject of the call from now on.
        transferred_caller: the identity of the caller who is transferred as soon as the reply is spoken.
    """

    phrase_key: str
    phrase_values: Mapping[str, str] = field(default_factory=dict)
    outcome: str = "done"
    result: Mapping[str, Any] = field(default_factory=dict)
    reservation_id: str | None = None
    transferred_caller: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the arguments of this reply; unlike `dataclasses.asdict` it does not copy the values."""
        return {argument.name: getattr(self, argument.name) for argument in fields(self)}


DEGRADED_REPLY = Reply("fallback", outcome="degraded")


def needs_input(phrase_key: str, *missing: str, **phrase_values: str) -> Reply:
    """Return a reply that asks for missing parameters."""
    return Reply(phrase_key, phrase_values, outcome="input_required", result={"missing": list(missing)})


def declined(phrase_key: str = "refused", reason: str = "refused", **phrase_values: str) -> Reply:
    """Return a reply that declines the intent for a reason."""
    return Reply(phrase_key, phrase_values, outcome="refused", result={"reason": reason})
