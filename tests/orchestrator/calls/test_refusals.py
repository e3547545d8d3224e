"""Why an action on a stay is refused, in words for the guest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import get_args

import pytest

from orchestrator.calls.intents.refusals import STATUSES, find_refusal
from orchestrator.calls.phrases import PHRASES, render_phrase
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import Refusal, Reservation, ReservationStatus

ALL_STATUSES: tuple[ReservationStatus, ...] = get_args(ReservationStatus)


def reservation(status: ReservationStatus, refusals: Mapping[str, Refusal]) -> Reservation:
    """Return a reservation as a PMS has it now."""
    return Reservation(
        id="X-1",
        booking_id="X",
        hotel_id="MUC",
        status=status,
        arrival=date(2027, 5, 10),
        departure=date(2027, 5, 12),
        adults=2,
        room="101",
        refusals=refusals,
    )


def test_languages_have_the_same_phrases() -> None:
    """A guest hears every reply in the own language."""
    keys = {language: phrases.keys() for language, phrases in PHRASES.items()}

    assert set(map(frozenset, keys.values())) == {frozenset(PHRASES["en"])}


@pytest.mark.parametrize("language", PHRASES)
@pytest.mark.parametrize("action", STATUSES)
def test_every_refusal_has_words(action: Capability, language: str) -> None:
    """Whatever the status of the stay is and whatever the PMS has against the action."""
    for status, refusal in product(ALL_STATUSES, [None, *Refusal]):
        reply = find_refusal(reservation(status, {action: refusal} if refusal else {}), action)

        assert (reply is None) == (status in STATUSES[action] and refusal is None)
        if reply:
            assert "{" not in render_phrase(language, reply.phrase_key, reply.phrase_values)


def test_refusal_of_another_action_does_not_count() -> None:
    """A guest who cannot check in yet can get a room."""
    stay = reservation("confirmed", {Capability.CHECK_IN: Refusal.BEFORE_ARRIVAL})

    assert find_refusal(stay, Capability.ASSIGN_ROOM) is None
