"""The requests of a hotel's day in the proportions in which its flows make them.

| request | of 100 calls | why |
| --- | --- | --- |
| call.started | 100 | 97 of a guest whose reservation the telephone system knows, 3 of an unknown caller, for whom the PMS lists its reservations |
| call.interaction | 250 | 0 to 5 of a call, 2.5 on average |
| tts/synthesize | 350 | the agent in the room requests the audio of each reply, the greeting's too |
| call.ended | 100 | the end of a call |
| LiveKit webhook | 100 | LiveKit closes the room of each call |
| Apaleo webhook | 20 | a reservation is changed |
| export, consent | 1 + 5 | data subjects |
| login, profile, refresh | 2 + 4 + 4 | staff at a console |
| healthz, metrics | 10 + 10 | probes and scrapes |
"""

from __future__ import annotations

import random
from typing import Any

from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.data import DATES

UNKNOWN_CALLERS = 0.03
MAX_INTERACTIONS = 5
RESERVATIONS = [f"LIST{number:04}-1" for number in range(1, 101)]
"""Those of Apaleo's provider state `reservations` with a count of 100."""
INTERACTIONS = {
    "greeting": 10,
    "small_talk": 15,
    "guest_info_request": 30,
    "room_service_request": 15,
    "late_checkout_request": 5,
    "availability_request": 10,
    "booking_request": 5,
    "transfer_request": 10,
}
"""Kinds of interactions by their share in percent."""
SHARES = {"webhook": 20, "export": 1, "consent": 5, "session": 2, "health": 10, "metrics": 10}
"""Requests besides calls, of 100 calls. A session is a login with two profiles and two refreshes."""


def call_events(generator: random.Random, call_id: str) -> list[dict[str, Any]]:
    """Return the events of a random call, from its start to its end."""
    phone = f"+4930{generator.randrange(10**6):06}"
    known = generator.random() >= UNKNOWN_CALLERS
    metadata = {"reservation_id": generator.choice(RESERVATIONS)} if known else {}
    kinds = generator.choices(
        list(INTERACTIONS), list(INTERACTIONS.values()), k=generator.randint(0, MAX_INTERACTIONS)
    )
    interactions = [_interaction(call_id, kind, second) for second, kind in enumerate(kinds, start=1)]
    return [call_started(call_id, phone, **metadata), *interactions, call_ended(call_id)]


def _interaction(call_id: str, kind: str, second: int) -> dict[str, Any]:
    parameters = DATES if kind in {"availability_request", "booking_request"} else {}
    names = {"last_name": "Beispiel"} if kind == "booking_request" else {}
    return call_interaction(call_id, kind, "Breakfast, please", second, **parameters, **names)
