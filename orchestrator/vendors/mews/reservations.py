"""Mews's operations on reservations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.vendors.mews.connection import MewsConnection, format_instant, page
from orchestrator.vendors.mews.models import (
    AddedReservation,
    AddedReservationList,
    AddReservationsResponse,
    PriceList,
    Reservation,
    ReservationList,
    ReservationPrice,
)

# without the date suffix, Mews responds in its shape of 2017
GET_ALL = "reservations/getAll/2023-06-06"
CURRENT_STATES = ["Confirmed", "Started"]
OCCUPYING_STATES = ["Optional", "Confirmed", "Started"]
ALL_STATES = ["Inquired", "Requested", "Optional", "Confirmed", "Started", "Processed", "Canceled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A stay to price, to book, or to change a reservation to.

    Args:
        rate_id: the rate.
        category_id: the room type.
        start: when the guest may check in.
        end: when the guest has to check out.
        age_category_id: the age category of the guests.
        persons: the number of guests.
    """

    rate_id: str
    category_id: str
    start: datetime
    end: datetime
    age_category_id: str
    persons: int

    @property
    def person_counts(self) -> list[dict[str, Any]]:
        """The number of guests by age category."""
        return [{"AgeCategoryId": self.age_category_id, "Count": self.persons}]

    def to_json(self) -> dict[str, Any]:
        """Return the parameters that `price` and `add` have in common."""
        return {
            "RateId": self.rate_id,
            "RequestedCategoryId": self.category_id,
            "StartUtc": format_instant(self.start),
            "EndUtc": format_instant(self.end),
            "PersonCounts": self.person_counts,
        }


class Reservations:
    """The reservations of the hotel.

    Args:
        connection: sends the requests.
    """

    def __init__(self, connection: MewsConnection) -> None:
        self._connection = connection

    async def get(self, reservation_id: str) -> Reservation | None:
        """Return a reservation, or None if it does not exist: Mews responds with 200 and an empty list then.

        Raises:
            AccessDenied: 401, the credentials are not valid, or the integration lacks a permission.
        """
        body = {"ReservationIds": [reservation_id], "Limitation": page(1)}
        reservations = (await self._connection.read(ReservationList, GET_ALL, body)).reservations
        return reservations[0] if reservations else None

    async def list_current(
        self, service_id: str, start: datetime, end: datetime, *, count: int, cursor: str | None = None
    ) -> ReservationList:
        """Return a page of the reservations of a service that are confirmed or in house and overlap an interval.

        Args:
            service_id: the service.
            start: the start of the interval.
            end: its end, at most three months later.
            count: the size of the page, at most 1000.
            cursor: the last row of the page before.
        """
        body = {
            "CollidingUtc": {"StartUtc": format_instant(start), "EndUtc": format_instant(end)},
            "ServiceIds": [service_id],
            "States": CURRENT_STATES,
            "Limitation": page(count, cursor),
        }
        return await self._connection.read(ReservationList, GET_ALL, body)

    async def find_by_channel_number(self, number: str) -> AddedReservation | None:
        """Return the reservation that was added with this channel number, whatever its state is, or None."""
        body = {"ChannelNumbers": [number], "States": ALL_STATES, "Limitation": page(1)}
        reservations = (await self._connection.read(AddedReservationList, GET_ALL, body)).reservations
        return reservations[0] if reservations else None

    async def list_in_rooms(
        self, start: datetime, end: datetime, resource_ids: Sequence[str]
    ) -> list[Reservation]:
        """Return the reservations that have one of these rooms in an interval, at most 1000."""
        body = {
            "CollidingUtc": {"StartUtc": format_instant(start), "EndUtc": format_instant(end)},
            "AssignedResourceIds": list(resource_ids),
            "States": OCCUPYING_STATES,
            "Limitation": page(),
        }
        return (await self._connection.read(ReservationList, GET_ALL, body)).reservations

    async def price(self, service_id: str, stays: Mapping[str, Stay]) -> list[ReservationPrice]:
        """Return the price of each stay. Mews checks neither availability nor the capacity of a room here.

        Args:
            service_id: the service.
            stays: the stays by the identifier that the price will have.
        """
        reservations = [{"Identifier": identifier, **stay.to_json()} for identifier, stay in stays.items()]
        body = {"ServiceId": service_id, "Reservations": reservations}
        return (await self._connection.read(PriceList, "reservations/price", body)).reservation_prices

    async def add(
        self, service_id: str, stay: Stay, *, customer_id: str, channel_number: str
    ) -> AddedReservation:
        """Add a confirmed reservation, unless no room is left; Mews sends no e-mail to the guest.

        Args:
            service_id: the service.
            stay: the stay.
            customer_id: the guest's profile.
            channel_number: by which the reservation can be found again. Mews has no idempotency key, and the
                `Identifier` of the request is not kept. UNCONFIRMED: the greatest length of this field.

        Raises:
            RequestRejected: 400, an id does not exist.
            AccessDenied: 403, no room is left, or the rate must not be used.
        """
        reservation = {
            **stay.to_json(),
            "State": "Confirmed",
            "CustomerId": customer_id,
            "ChannelNumber": channel_number,
        }
        body = {
            "ServiceId": service_id,
            "Reservations": [reservation],
            "CheckRateApplicability": True,
            "CheckOverbooking": True,
            # Mews's default is to send one
            "SendConfirmationEmail": False,
        }
        response = await self._connection.write_and_parse(AddReservationsResponse, "reservations/add", body)
        # one reservation, because the request has one
        return response.reservations[0].reservation

    async def update(self, reservation_id: str, stay: Stay, *, reason: str, replace_persons: bool) -> None:
        """Change the dates, the rate and the room type of a reservation; it gets the price of today, and no fee.

        Mews's documentation requires the id at the top of the request too. UNCONFIRMED: whether Mews insists on it.

        Args:
            reservation_id: the reservation.
            stay: what it is changed to.
            reason: Mews requires one when the price changes.
            replace_persons: whether the guests of all age categories are replaced by those of the stay.

        Raises:
            RequestRejected: 400, the reservation does not exist, or its state does not allow a change.
            AccessDenied: 403, which Mews uses for a broken business rule.
        """
        values = stay.to_json()
        if not replace_persons:
            del values["PersonCounts"]
        changes = {name: {"Value": value} for name, value in values.items()}
        body = {
            "ReservationId": reservation_id,
            "ReservationUpdates": [{"ReservationId": reservation_id, **changes}],
            "Reprice": True,
            "ApplyCancellationFee": False,
            "Reason": reason,
        }
        await self._connection.write("reservations/update", body)

    async def assign_room(self, reservation_id: str, resource_id: str, *, reason: str) -> None:
        """Assign a room; the price stays what it is.

        Raises:
            RequestRejected: 400, the reservation or the room does not exist.
            AccessDenied: 403, the room is taken, or the guest's own room is locked.
        """
        change = {"ReservationId": reservation_id, "AssignedResourceId": {"Value": resource_id}}
        body = {
            "ReservationId": reservation_id,
            "ReservationUpdates": [change],
            "Reprice": False,
            "ApplyCancellationFee": False,
            "Reason": reason,
        }
        await self._connection.write("reservations/update", body)

    async def start(self, reservation_id: str) -> None:
        """Check a guest in.

        Raises:
            RequestRejected: 400, the reservation does not exist.
            AccessDenied: 403, it is not the day of arrival, or no inspected room is assigned.
        """
        await self._connection.write("reservations/start", {"ReservationId": reservation_id})

    async def process(self, reservation_id: str) -> None:
        """Check a guest out and close the bills.

        Raises:
            RequestRejected: 400, the reservation does not exist.
            AccessDenied: 403, it is not the day of departure, or something is left to pay.
        """
        body = {"ReservationId": reservation_id, "CloseBills": True, "AllowOpenBalance": False}
        await self._connection.write("reservations/process", body)

    async def cancel(self, reservation_id: str, notes: str) -> None:
        """Cancel a reservation without a fee (Mews's default) and without an e-mail to the guest (its default is to send one).

        Raises:
            RequestRejected: 400, the reservation does not exist, or its state does not allow a cancellation.
            AccessDenied: 403, which Mews uses for a broken business rule.
        """
        body = {
            "ReservationIds": [reservation_id],
            "Notes": notes,
            "PostCancellationFee": False,
            "SendEmail": False,
        }
        await self._connection.write("reservations/cancel", body)
