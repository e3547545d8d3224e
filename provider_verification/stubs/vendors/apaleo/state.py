"""State of the Apaleo stub: one hotel with units, one rate plan, reservations and a fixed business date."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import StubResponse
from provider_verification.stubs.vendors.apaleo.dates import (
    MAX_STAY_YEARS,
    is_too_long,
    local_timestamp,
    nights_between,
    parse_date,
)

TODAY = date(2027, 5, 1)
NIGHTLY_RATE = 120.0
CURRENCY = "EUR"
VAT_PERCENT = 7.0
PROPERTY = {"id": "MUC", "code": "MUC", "name": "Hotel Example", "description": "A hotel that does not exist"}
UNIT_GROUP = {"id": "MUC-DBL", "code": "DBL", "name": "Double", "description": "A double room"}
RATE_PLAN = {"id": "MUC-FLEX_DBL", "code": "FLEX_DBL", "name": "Flexible", "isSubjectToCityTax": False}
UNIT_GROUP_TYPE = "BedRoom"
TIME_SLICE_TEMPLATE, TIME_SLICE_DEFINITION = "OverNight", "MUC-NIGHT"
CHANNELS = frozenset({"Direct", "BookingCom", "Ibe", "ChannelManager", "Expedia", "Homelike", "Hrs"})
MAX_PERSONS = 2
"""Adults and children that fit into a unit."""

GUEST = {
    "firstName": "Ada",
    "lastName": "Muster",
    "email": "ada.muster@example.org",
    "phone": "+4930123456",
    "preferredLanguage": "de",
}
SCOPES = frozenset({
    "offers.read", "reservations.read", "reservations.create", "reservations.manage", "properties.read", "unitgroups.read",
    "units.read", "availability.read", "rateplans.read", "rates.read", "folios.read", "folios.manage", "payments.create",
})  # fmt: skip
# Not part of the state: a token issued before a reset must never equal one issued after it.
TOKEN_NUMBERS = itertools.count(1)
CLIENT_ID, CLIENT_SECRET = "stub-client", "stub-secret"
DETAIL_FIELDS = (
    "channelCode", "guaranteeType", "source", "externalCode", "comment", "guestComment", "childrenAges",
    "additionalGuests", "travelPurpose", "promoCode", "corporateCode", "paymentAccount",
)  # fmt: skip
"""Fields of a new reservation that Apaleo returns as they were given."""

BOOKING_FIELDS = ("comment", "bookerComment", "paymentAccount")
OPEN_STATUSES = frozenset({"Confirmed", "InHouse"})


@dataclass
class Reservation:
    """A reservation of one unit; it occupies the nights from `arrival` to the one before `departure`.

    Attributes:
        due: what the guest had to pay before any payment of `payments`; None for the price of the stay.
        details: the fields that a reservation returns as they were given, such as `comment` and `externalCode`.
    """

    id: str
    arrival: date
    departure: date
    adults: int = 2
    status: str = "Confirmed"
    guest: dict[str, Any] | None = None
    booker: dict[str, Any] = field(default_factory=lambda: dict(GUEST))
    unit: str | None = None
    property_id: str = "MUC"
    due: float | None = None
    services: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    is_unit_locked: bool = False

    @property
    def booking_id(self) -> str:
        """Id of its booking: `XPGMSXGF` for the reservation `XPGMSXGF-1`."""
        return self.id.rpartition("-")[0]

    @property
    def channel(self) -> str:
        """The channel that it was booked through."""
        return str(self.details.get("channelCode", "Direct"))

    @property
    def cancelled_at(self) -> str | None:
        """When it was cancelled, or None; the stub's constant is two days before the arrival."""
        return local_timestamp(self.arrival - timedelta(days=2), 12) if self.status == "Canceled" else None

    @property
    def is_open(self) -> bool:
        """Whether it occupies a unit and can still be changed."""
        return self.status in OPEN_STATUSES

    @property
    def nights(self) -> list[date]:
        """The nights of the stay, by the date on which each begins."""
        return nights_between(self.arrival, self.departure)

    def overlaps(self, other: Reservation) -> bool:
        """Whether the two stays share a night."""
        return self.arrival < other.departure and other.arrival < self.departure


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment on a folio, or a refund from it, in the hotel's currency; a refund may be one of a single payment."""

    id: str
    method: str
    amount: float
    receipt: str | None = None
    is_refund: bool = False
    refunded_id: str | None = None


@dataclass
class ApaleoState:
    """Everything the stub remembers. Ids are counted, so the same requests give the same ids."""

    units: int = 4
    services: set[str] = field(default_factory=lambda: {"MUC-BREAKFAST", "MUC-LATE_CHECKOUT"})
    today: date = TODAY
    reservations: dict[str, Reservation] = field(default_factory=dict)
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    idempotent_responses: dict[str, tuple[str, StubResponse]] = field(default_factory=dict)
    bookings_without_key: set[str] = field(default_factory=set)
    booking_details: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, list[Payment]] = field(default_factory=dict)
    booking_count: int = 0
    retry_after: int | None = None
    outage_status: int | None = None
    identity_outage_status: int | None = None
    client_secret: str = CLIENT_SECRET
    client_scopes: frozenset[str] = SCOPES

    def issue_token(self, scopes: frozenset[str]) -> str:
        """Issue an access token with these scopes."""
        token = f"stub-token-{next(TOKEN_NUMBERS)}"
        self.tokens[token] = scopes
        return token

    def available_units(self, arrival: date, departure: date, *, exclude_id: str = "") -> int:
        """Count the units that are free in every night of a stay, ignoring the reservation `exclude_id`."""
        return self.units - max(self.occupied_units(arrival, departure, exclude_id=exclude_id), default=0)

    def occupied_units(self, first: date, last: date, *, exclude_id: str = "") -> list[int]:
        """The number of occupied units in each night from `first` to the one before `last`."""
        nights = (last - first).days
        changes = [0] * (nights + 1)
        for reservation in self.reservations.values():
            start = max((reservation.arrival - first).days, 0)
            end = min((reservation.departure - first).days, nights)
            if reservation.is_open and reservation.id != exclude_id and start < end:
                changes[start] += 1
                changes[end] -= 1
        return list(itertools.accumulate(changes[:-1]))

    def amount_paid(self, folio_id: str) -> float:
        """What was paid on a folio, less what was refunded."""
        payments = self.payments.get(folio_id, ())
        return round(sum(-item.amount if item.is_refund else item.amount for item in payments), 2)

    @property
    def unit_ids(self) -> Iterator[str]:
        """Ids of all units."""
        return (f"MUC-{101 + index}" for index in range(self.units))

    def free_units(self, reservation: Reservation) -> Iterator[str]:
        """Ids of the units that no other open reservation has during the stay."""
        occupied = {
            other.unit
            for other in self.reservations.values()
            if other.id != reservation.id and other.is_open and other.overlaps(reservation)
        }
        return (unit for unit in self.unit_ids if unit not in occupied)

    def book(self, body: dict[str, Any]) -> list[str]:
        """Create a booking from the body of `createBooking`; return the ids of its reservations."""
        self.booking_count += 1
        reservations = [
            Reservation(
                id=f"BOOK{self.booking_count:04}-{number}",
                arrival=parse_date(item["arrival"]),
                departure=parse_date(item["departure"]),
                adults=item["adults"],
                guest=item.get("primaryGuest"),
                booker=body["booker"],
                services=[service["serviceId"] for service in item.get("services", ())],
                details={name: item[name] for name in DETAIL_FIELDS if name in item},
            )
            for number, item in enumerate(body["reservations"], 1)
        ]
        self.reservations |= {reservation.id: reservation for reservation in reservations}
        booking_id = reservations[0].booking_id
        self.booking_details[booking_id] = {name: body[name] for name in BOOKING_FIELDS if name in body}
        return [reservation.id for reservation in reservations]


def stay_rule_broken(body: dict[str, Any]) -> str | None:
    """The first rule about dates and time slices that a new or amended stay breaks, or None."""
    arrival, departure = parse_date(body["arrival"]), parse_date(body["departure"])
    if departure <= arrival:
        return "departure should be after arrival"
    if is_too_long(arrival, departure):
        return f"departure should be at most {MAX_STAY_YEARS} years after arrival"
    if len(body["timeSlices"]) != (departure - arrival).days:
        return "there should be one time slice per night"
    if any(item["ratePlanId"] != RATE_PLAN["id"] for item in body["timeSlices"]):
        return "the rate plan does not exist"
    return None


def unit_ref(unit: str) -> dict[str, str]:
    """A unit with its id and name: `101` is the name of `MUC-101`."""
    return {"id": unit, "name": unit.rpartition("-")[2]}


def money(amount: float) -> dict[str, Any]:
    """An amount in the hotel's currency."""
    return {"amount": amount, "currency": CURRENCY}


def price_with_tax(gross: float) -> dict[str, Any]:
    """A gross amount with the tax that it contains."""
    return {
        "grossAmount": gross,
        "netAmount": round(gross / (1 + VAT_PERCENT / 100), 2),
        "vatType": "Reduced",
        "vatPercent": VAT_PERCENT,
        "currency": CURRENCY,
    }


def request_fingerprint(operation_id: str, path_params: Mapping[str, str], body: Any) -> str:
    """Text that is equal for two requests of one operation with the same content."""
    return json.dumps([operation_id, dict(path_params), body], sort_keys=True)
