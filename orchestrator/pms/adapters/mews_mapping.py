"""Mews's reservations, profiles and errors as those of the PMS interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from orchestrator.pms.adapters.unusable_responses import reject_unusable_responses
from orchestrator.pms.errors import PmsRejectedError, PmsUnavailableError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import BookedStay, Guest, Money, Refusal, Reservation, ReservationStatus
from orchestrator.pms.validation import normalize_phone
from orchestrator.vendors.errors import RequestRejected, VendorError
from orchestrator.vendors.mews import models
from orchestrator.vendors.mews.hotel_models import Enterprise

STATUS_FROM_MEWS: dict[str, ReservationStatus] = {
    "Inquired": "tentative",
    "Requested": "tentative",
    "Optional": "held",
    "Confirmed": "confirmed",
    "Started": "in_house",
    "Processed": "checked_out",
    "Canceled": "canceled",
}
HEX_DIGITS = 32
"""The length of a Mews id without dashes."""


def to_reservation(
    source: models.Reservation, hotel: Enterprise, guest: Guest | None, room: str | None
) -> Reservation:
    """Return a reservation; Mews sends its guest, room and hotel separately, and no price."""
    zone = ZoneInfo(hotel.time_zone_identifier)
    return Reservation(
        id=source.id,
        booking_id=source.group_id,
        hotel_id=hotel.id,
        status=to_status(source),
        arrival=_local_date(source.scheduled_start_utc, zone),
        departure=_local_date(source.scheduled_end_utc, zone),
        adults=count_persons(source),
        rate_plan_id=join_rate_plan(source.rate_id, source.requested_resource_category_id),
        room_type_id=source.requested_resource_category_id,
        room=room,
        guest=guest,
    )


def to_booked_stay(added: models.AddedReservation) -> BookedStay:
    """Return a stay that was booked; its id is a GUID, which is not read to a guest."""
    return BookedStay(reservation_id=added.id, number=added.number)


def to_guest(customer: models.Customer, region: str) -> Guest:
    """Return a guest; `region` is the country of phone numbers without a country code."""
    return Guest(
        last_name=customer.last_name,
        first_name=customer.first_name,
        phone=normalize_phone(customer.phone, region),
        email=customer.email,
        language=customer.language_code[:2].lower() if customer.language_code else None,
    )


def to_status(source: models.Reservation) -> ReservationStatus:
    """Return the status of a reservation."""
    # Mews has no such state: a no-show is Canceled for this reason
    if source.cancellation_reason == "NoShow":
        return "no_show"
    # Mews adds states without notice; an unknown one must not be taken for a confirmed stay
    return STATUS_FROM_MEWS.get(source.state, "tentative")


def count_persons(source: models.Reservation) -> int:
    """Return the number of guests of all age categories."""
    return sum(group.count for group in source.person_counts)


def to_money(source: models.Money) -> Money:
    """Return an amount with taxes, which is what the guest pays."""
    # converted through text, because Decimal(float) has binary fractions
    return Money(amount=Decimal(str(source.gross_value)), currency=source.currency)


def sum_charges(charges: Sequence[models.Charge]) -> Money | None:
    """Return the sum of charges in one currency, None if there are none.

    Raises:
        ValueError: there are several currencies.
    """
    amounts = [to_money(charge.amount) for charge in charges]
    if not amounts:
        return None
    (currency,) = {amount.currency for amount in amounts}
    return Money(amount=sum((amount.amount for amount in amounts), Decimal()), currency=currency)


def find_refusals(reservation: Reservation, today: date) -> dict[str, Refusal]:
    """Return what Mews will not do on a day, by capability; its own messages are for the staff."""
    refusals: dict[str, Refusal] = {}
    if today < reservation.arrival:
        refusals[Capability.CHECK_IN] = Refusal.BEFORE_ARRIVAL
    elif today >= reservation.departure:
        refusals[Capability.CHECK_IN] = Refusal.AFTER_DEPARTURE
    elif reservation.room is None:
        refusals[Capability.CHECK_IN] = Refusal.NO_ROOM
    if today < reservation.departure:
        refusals[Capability.CHECK_OUT] = Refusal.BEFORE_DEPARTURE
    return refusals


def join_rate_plan(rate_id: str, category_id: str) -> str:
    """Return one id for a rate and a room type, which Mews sells in every combination.

    Raises:
        ValueError: Mews's ids are UUIDs, and one of these is not.
    """
    return UUID(rate_id).hex + UUID(category_id).hex


def split_rate_plan(rate_plan_id: str) -> tuple[str, str]:
    """Return the rate and the room type of `join_rate_plan`."""
    return str(UUID(rate_plan_id[:HEX_DIGITS])), str(UUID(rate_plan_id[HEX_DIGITS:]))


def split_service(service_id: str) -> tuple[str, str]:
    """Return the service and the product of an id of the setting SERVICES, `service/product`.

    Raises:
        PmsRejectedError: the id has another form, such as that of another PMS.
    """
    service, separator, product = service_id.partition("/")
    if not separator:
        raise PmsRejectedError
    return service, product


def _local_date(timestamp: datetime, zone: ZoneInfo) -> date:
    # near midnight the date in UTC is not that of the hotel
    return timestamp.astimezone(zone).date()


@contextmanager
def map_vendor_errors() -> Iterator[None]:
    """Turn the errors of the Mews client into those of the PMS interface.

    Raises:
        PmsRejectedError: Mews refuses the request.
        PmsUnavailableError: Mews does not respond, or its response cannot be used.
    """
    try:
        with reject_unusable_responses():
            yield
    except RequestRejected as error:
        raise PmsRejectedError from error
    except VendorError as error:
        if error.status == 403:  # Mews responds 403 to a violated business rule
            raise PmsRejectedError from error
        raise PmsUnavailableError(error.code or type(error).__name__, error.retry_after) from error
