"""Reservations, guests and offers, independent of the vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from orchestrator.pms.sanitize import sanitize_text

ReservationStatus = Literal[
    "tentative", "held", "confirmed", "in_house", "checked_out", "canceled", "no_show"
]
SanitizedText = Annotated[str, AfterValidator(sanitize_text)]
"""Text from the PMS without markup and control characters, short enough to be spoken."""


class Refusal(StrEnum):
    """Why a PMS does not allow an action now, apart from the status of the reservation."""

    BEFORE_ARRIVAL = "before_arrival"
    AFTER_DEPARTURE = "after_departure"
    BEFORE_DEPARTURE = "before_departure"
    NO_ROOM = "no_room"
    STAY_HAS_BEGUN = "stay_has_begun"


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Money(_FrozenModel):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


class Guest(_FrozenModel):
    """A guest; the phone number in E.164, the language in ISO 639-1."""

    last_name: SanitizedText
    first_name: SanitizedText | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None

    @property
    def full_name(self) -> str:
        """The first and last name, as far as known."""
        return f"{self.first_name or ''} {self.last_name}".strip()


class Reservation(_FrozenModel):
    """A reservation of one room. `balance_due` is what the guest still has to pay. Mews has no prices and room types.

    `services` is how often each service is booked, by its id. `refusals` are the actions that the PMS does not allow now,
    by the value of their `Capability`, as far as it gives a reason. Only `get_current_reservation` reads both.
    `room_type_id` is what `find_room` needs to know.
    """

    id: str
    booking_id: str
    hotel_id: str
    status: ReservationStatus
    arrival: date
    departure: date
    adults: int
    rate_plan_id: str | None = None
    room_type: SanitizedText | None = None
    room_type_id: str | None = None
    total_amount: Money | None = None
    balance_due: Money | None = None
    room: SanitizedText | None = None
    guest: Guest | None = None
    services: Mapping[str, int] = {}
    refusals: Mapping[str, Refusal] = {}


def in_house_first(reservations: Iterable[Reservation]) -> list[Reservation]:
    """Return reservations in the order in which a guest on the phone most likely means them: in house, then by arrival."""
    return sorted(
        reservations, key=lambda reservation: (reservation.status != "in_house", reservation.arrival)
    )


class Offer(_FrozenModel):
    """A stay that can be booked at a price."""

    rate_plan_id: str
    room_type: SanitizedText
    arrival: date
    departure: date
    available_units: int
    total_amount: Money


class BookingRequest(_FrozenModel):
    """A stay to book, with the dates and the rate plan of an offer."""

    hotel_id: str
    rate_plan_id: str
    arrival: date
    departure: date
    adults: int
    guest: Guest


class BookedStay(_FrozenModel):
    """A stay that was booked: the id of its reservation, and the number by which guests and staff know it."""

    reservation_id: str
    number: str


class ReservationAmendment(_FrozenModel):
    """New dates and number of adults of a reservation, with the rate plan of an offer for these dates."""

    arrival: date
    departure: date
    adults: int
    rate_plan_id: str
