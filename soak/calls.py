"""Random calls of guests, from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.vendors.apaleo.state import TODAY
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.telephone_system import Event

CARD_NUMBER = "4111 1111 1111 1111"
PHONES = 20
MAX_INTERACTIONS = 5
UNKNOWN_CALLERS = 0.03
"""Share of the calls without a reservation; each one makes the PMS list its reservations."""
SERVICE_INTERACTIONS = {"room_service_request": "MUC-BREAKFAST", "late_checkout_request": "MUC-LATE_CHECKOUT"}
"""The service at the PMS that an interaction orders."""
REPEATABLE = ("greeting", "small_talk", "guest_info_request", "availability_request", "transfer_request")


class CallGenerator:
    """Creates the events of calls; the same seed gives the same calls in the same order.

    Args:
        seed: of all choices.
        add_guest: creates a reservation at the PMS by its id and the guest's last name.
    """

    def __init__(self, seed: int, add_guest: Callable[[str, str], None]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not for security
        self._add_guest = add_guest
        self._seed = seed
        self._count = 0
        prefix = f"+49301{seed % 1000:03}"
        self.phones = [f"{prefix}{number:04}" for number in range(PHONES)]
        self.personal_data = re.compile(
            "|".join([re.escape(CARD_NUMBER), re.escape(prefix), rf"(?:Guest|Booker){seed}x\d"])
        )
        """Matches what must never be in a log: numbers and names of the guests."""

    def next_call(self) -> list[Event]:
        """Return the events of the next call."""
        self._count += 1
        call_id = f"soak-{self._seed}-{self._count}"
        metadata = {} if self._random.random() < UNKNOWN_CALLERS else {"reservation_id": self._new_guest()}
        started = call_started(call_id, self._random.choice(self.phones), **metadata)
        interactions = [
            self._interaction(call_id, kind, second) for second, kind in enumerate(self._choose_kinds(), 1)
        ]
        # the duration identifies the record of this call
        return [started, *interactions, call_ended(call_id, self._count)]

    def _choose_kinds(self) -> list[str]:
        """Return the kinds of the interactions; each that changes something at the PMS at most once."""
        once = ["booking_request", *SERVICE_INTERACTIONS]
        kinds = self._random.sample(once, self._random.randint(0, len(once)))
        kinds += self._random.choices(REPEATABLE, k=self._random.randint(0, MAX_INTERACTIONS - len(kinds)))
        self._random.shuffle(kinds)
        return kinds

    def _interaction(self, call_id: str, kind: str, second: int) -> dict[str, Any]:
        text = f"My card is {CARD_NUMBER}, breakfast please" if self._random.random() < 0.5 else "breakfast"
        parameters: dict[str, Any] = {}
        if kind in {"booking_request", "availability_request"}:
            arrival = max(date.today(), TODAY) + timedelta(days=self._random.randint(30, 300))  # noqa: DTZ011 - any future day
            parameters = {"arrival": str(arrival), "departure": str(arrival + timedelta(days=2))}
        if kind == "booking_request":
            parameters["last_name"] = self._new_name("Booker")
        return call_interaction(call_id, kind, text, second, **parameters)

    def _new_guest(self) -> str:
        reservation_id = f"SOAK{self._count:06}-1"
        self._add_guest(reservation_id, self._new_name("Guest"))
        return reservation_id

    def _new_name(self, kind: str) -> str:
        return f"{kind}{self._seed}x{self._count}"
