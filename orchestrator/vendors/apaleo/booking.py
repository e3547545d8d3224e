"""The request that creates a booking at Apaleo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBookingRequest:
    """A booking of one room. The property and the unit group follow from the rate plan.

    Args:
        rate_plan_id: the rate plan of the offer.
        arrival: the date of the first night.
        departure: the day after the last night.
        adults: the number of adults.
        last_name: of the booker and guest; the only part of a name that Apaleo requires.
        first_name: if known.
        email: if known.
        phone: in E.164 format, if known.
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
        """Return the request body, with one time slice per night."""
        fields = {
            "lastName": self.last_name,
            "firstName": self.first_name,
            "email": self.email,
            "phone": self.phone,
        }
        person = {name: value for name, value in fields.items() if value is not None}
        reservation = {
            "arrival": self.arrival.isoformat(),
            "departure": self.departure.isoformat(),
            "adults": self.adults,
            "channelCode": "Direct",
            # without a card or a prepayment, Apaleo holds the room until 6 pm
            "guaranteeType": "PM6Hold",
            "primaryGuest": person,
            "timeSlices": [{"ratePlanId": self.rate_plan_id}] * (self.departure - self.arrival).days,
        }
        return {"booker": person, "reservations": [reservation]}
