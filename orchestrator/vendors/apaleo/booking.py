"""What is sent to Apaleo to book a stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBookingRequest:
    """A stay of one room. Hotel and unit group follow from the rate plan.

    Args:
        rate_plan_id: of the offer.
        arrival: the first night's date.
        departure: the day after the last night.
        adults: how many.
        last_name: the booker's and guest's; the only part of a name that Apaleo requires.
        first_name: if known.
        email: if known.
        phone: E.164, if known.
    """

    rate_plan_id: str
    arrival: date
    departure: date
    adults: int
    last_name: str
    first_name: str | None = None
    email: str | None = None
    phone: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The request body: one time slice a night."""
        parts = {
            "lastName": self.last_name,
            "firstName": self.first_name,
            "email": self.email,
            "phone": self.phone,
        }
        person = {name: value for name, value in parts.items() if value is not None}
        reservation = {
            "arrival": self.arrival.isoformat(),
            "departure": self.departure.isoformat(),
            "adults": self.adults,
            "channelCode": "Direct",
            "guaranteeType": "PM6Hold",
            "primaryGuest": person,
            "timeSlices": [{"ratePlanId": self.rate_plan_id}] * (self.departure - self.arrival).days,
        }
        return {"booker": person, "reservations": [reservation]}
