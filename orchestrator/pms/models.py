"""Reservations, guests and offers in the hotel's own words: nothing here knows a vendor."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from orchestrator.pms.text import clean

Status = Literal["tentative", "held", "confirmed", "in_house", "checked_out", "canceled", "no_show"]
Text = Annotated[str, AfterValidator(clean)]
"""Text of the PMS: without markup and control characters, and not longer than can be said."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Money(_Value):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


class Guest(_Value):
    """Who stays; the phone in E.164, the language as ISO 639-1."""

    last_name: Text
    first_name: Text | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None

    @property
    def full_name(self) -> str:
        """As one says it."""
        return f"{self.first_name or ''} {self.last_name}".strip()


class Reservation(_Value):
    """A stay of one room; `owed` is what the guest has still to pay. Not every PMS knows prices and kinds of rooms."""

    id: str
    booking_id: str
    hotel_id: str
    status: Status
    arrival: date
    departure: date
    adults: int
    room_type: Text | None = None
    total: Money | None = None
    owed: Money | None = None
    room: Text | None = None
    guest: Guest | None = None


class Offer(_Value):
    """A stay that can be sold."""

    rate_plan_id: str
    rate_plan: Text
    room_type: Text
    arrival: date
    departure: date
    available: int
    total: Money


class NewStay(_Value):
    """A stay to be booked, as an offer named it."""

    hotel_id: str
    rate_plan_id: str
    arrival: date
    departure: date
    adults: int
    guest: Guest


class StayChange(_Value):
    """When a stay is to be, and for how many; the rate plan is an offer's for these dates."""

    arrival: date
    departure: date
    adults: int
    rate_plan_id: str
