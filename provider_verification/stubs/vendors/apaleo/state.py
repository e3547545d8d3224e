"""The hotel behind the stub: units, rate plans, reservations, and a calendar that stands still."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from provider_verification.stubs.sdk import RequestRejected

ZONE = ZoneInfo("Europe/Berlin")
TODAY = date(2027, 5, 1)
NIGHTLY_RATE = 120.0
CURRENCY = "EUR"
PROPERTY = {"id": "MUC", "code": "MUC", "name": "Hotel Example", "description": "A hotel that does not exist"}
UNIT_GROUP = {"id": "MUC-DBL", "code": "DBL", "name": "Double", "description": "A double room"}
RATE_PLAN = {"id": "MUC-FLEX_DBL", "code": "FLEX_DBL", "name": "Flexible", "isSubjectToCityTax": False}
GUEST = {
    "firstName": "Ada",
    "lastName": "Muster",
    "email": "ada.muster@example.org",
    "phone": "+4930123456",
    "preferredLanguage": "de",
}
SCOPES = frozenset({
    "offers.read", "reservations.read", "reservations.create", "reservations.manage", "properties.read", "unitgroups.read",
    "availability.read", "rateplans.read", "folios.read",
})  # fmt: skip
TOKEN_NUMBERS = itertools.count(1)
CLIENT_CREDENTIALS = ("stub-client", "stub-secret")


@dataclass
class Reservation:
    """A stay of one room. `expanded` parts are shown only when asked for."""

    id: str
    arrival: date
    departure: date
    adults: int = 2
    status: str = "Confirmed"
    guest: dict[str, Any] | None = None
    booker: dict[str, Any] = field(default_factory=lambda: dict(GUEST))
    unit: str | None = None
    property_id: str = "MUC"
    services: list[str] = field(default_factory=list)
    extra_fields: dict[str, Any] = field(default_factory=dict)

    @property
    def booking_id(self) -> str:
        """The booking it belongs to."""
        return self.id.rpartition("-")[0]

    def covers(self, night: date) -> bool:
        """Whether a unit is taken in that night."""
        return self.status in {"Confirmed", "InHouse"} and self.arrival <= night < self.departure


@dataclass
class ApaleoState:
    """The vendor's world. Ids are counted, not drawn: the same requests give the same ids."""

    units: int = 4
    services: set[str] = field(default_factory=lambda: {"MUC-BREAKFAST", "MUC-LATE_CHECKOUT"})
    today: date = TODAY
    reservations: dict[str, Reservation] = field(default_factory=dict)
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    idempotent_responses: dict[str, tuple[str, Any]] = field(default_factory=dict)
    booking_count: int = 0
    retry_after: int | None = None
    outage_status: int | None = None

    def issue_token(self, scopes: frozenset[str]) -> str:
        """A new access token with these scopes; no other hotel, not even one before a reset, gave the same."""
        token = f"stub-token-{next(TOKEN_NUMBERS)}"
        self.tokens[token] = scopes
        return token

    def available_units(self, arrival: date, departure: date, *, exclude_id: str = "") -> int:
        """Units that are free in every night of a stay, not counting one reservation."""
        nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
        others = [stay for stay in self.reservations.values() if stay.id != exclude_id]
        taken = [sum(stay.covers(night) for stay in others) for night in nights]
        return self.units - max(taken, default=0)

    @property
    def unit_ids(self) -> list[str]:
        """The units, by id."""
        return [f"MUC-{101 + number}" for number in range(self.units)]

    def free_units(self, stay: Reservation) -> list[str]:
        """The units that no other stay has in its nights."""
        taken = {
            other.unit
            for other in self.reservations.values()
            if other.id != stay.id
            and other.status in {"Confirmed", "InHouse"}
            and other.arrival < stay.departure
            and stay.arrival < other.departure
        }
        return [unit for unit in self.unit_ids if unit not in taken]

    def book(self, body: dict[str, Any]) -> list[str]:
        """Make a booking; gives the ids of its reservations."""
        self.booking_count += 1
        booking = f"BOOK{self.booking_count:04}"
        ids = []
        for number, new in enumerate(body["reservations"], 1):
            stay = Reservation(
                id=f"{booking}-{number}",
                arrival=parse_date(new["arrival"]),
                departure=parse_date(new["departure"]),
                adults=new["adults"],
                guest=new.get("primaryGuest"),
                booker=body["booker"],
            )
            self.reservations[stay.id] = stay
            ids.append(stay.id)
        return ids


def parse_date(text: str) -> date:
    """The date of a plain date or of a date with time.

    Raises:
        RequestRejected: it is none.
    """
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise RequestRejected("invalid", f"'{text}' should be a date, like 2027-05-10") from None


def local_timestamp(on: date, hour: int) -> str:
    """A time of the day in the hotel's zone, without fraction."""
    return datetime.combine(on, time(hour), ZONE).isoformat()


def money(amount: float) -> dict[str, Any]:
    """An amount in the hotel's currency."""
    return {"amount": amount, "currency": CURRENCY}


def request_fingerprint(body: Any) -> str:
    """What makes two requests the same."""
    return json.dumps(body, sort_keys=True)
