"""Conversion of Apaleo's responses and errors into those of the PMS connectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from orchestrator.pms.adapters.unusable_responses import reject_unusable_responses
from orchestrator.pms.errors import PmsRejectedError, PmsUnavailableError, ReservationNotFoundError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import Guest, Money, Offer, Refusal, Reservation, ReservationStatus
from orchestrator.pms.validation import is_phone, normalize_phone
from orchestrator.vendors.apaleo import models
from orchestrator.vendors.errors import NotFound, RequestRejected, VendorError

STATUS_FROM_APALEO: Mapping[str, ReservationStatus] = {
    "Confirmed": "confirmed",
    "InHouse": "in_house",
    "CheckedOut": "checked_out",
    "Canceled": "canceled",
    "NoShow": "no_show",
}
CAPABILITY_BY_ACTION: Mapping[str, Capability] = {
    "CheckIn": Capability.CHECK_IN,
    "CheckOut": Capability.CHECK_OUT,
    "AssignUnit": Capability.ASSIGN_ROOM,
    "AmendArrival": Capability.CHANGE,
}
"""Apaleo's actions that a guest may ask for."""
REFUSAL_BY_CODE: Mapping[str, Refusal] = {
    "CheckInNotAllowedBeforeArrivalDate": Refusal.BEFORE_ARRIVAL,
    "CheckInNotAllowedAfterDepartureDateTime": Refusal.AFTER_DEPARTURE,
    "CheckOutNotAllowedWithDepartureDateMoreThanOneDayInTheFuture": Refusal.BEFORE_DEPARTURE,
    "AssignUnitNotAllowedForReservationInThePast": Refusal.AFTER_DEPARTURE,
    "AmendArrivalNotAllowedForReservationNotInStatusConfirmed": Refusal.STAY_HAS_BEGUN,
    # the last one, because a missing room is no reason if there is another one: it can be assigned
    "CheckInNotAllowedWithoutUnitAssignedForWholeStay": Refusal.NO_ROOM,
}
"""By Apaleo's code of a reason, in the order of importance. Most other codes repeat the status of the reservation."""


def to_reservation(source: models.Reservation, region: str) -> Reservation:
    """Return a reservation; `region` is the country of phone numbers without a country code."""
    # Apaleo does not require a guest, and sends the booker in single reads only
    person = source.primary_guest or source.booker
    return Reservation(
        id=source.id,
        booking_id=source.booking_id,
        hotel_id=source.property.id,
        status=STATUS_FROM_APALEO[source.status],
        # times have the property's offset, so this is the date at the hotel
        arrival=source.arrival.date(),
        departure=source.departure.date(),
        adults=source.adults,
        room_type=source.unit_group.name or source.unit_group.id,
        room_type_id=source.unit_group.id,
        total_amount=_to_money(source.total_gross_amount),
        balance_due=_to_amount_due(source.balance),
        room=(source.unit.name or source.unit.id) if source.unit else None,
        guest=_to_guest(person, region) if person else None,
    )


def is_guest_phone(source: models.Reservation, region: str, phone: str) -> bool:
    """Return whether a phone number (E.164) is that of a reservation's guest."""
    person = source.primary_guest or source.booker
    return person is not None and is_phone(person.phone, region, phone)


def _to_guest(person: models.Person, region: str) -> Guest:
    return Guest(
        last_name=person.last_name,
        first_name=person.first_name,
        phone=normalize_phone(person.phone, region),
        email=person.email,
        language=person.preferred_language[:2].lower() if person.preferred_language else None,
    )


def to_offer(source: models.Offer) -> Offer:
    """Return an offer."""
    return Offer(
        rate_plan_id=source.rate_plan.id,
        room_type=source.unit_group.name or source.unit_group.id,
        arrival=source.arrival.date(),
        departure=source.departure.date(),
        available_units=source.available_units,
        total_amount=_to_money(source.total_gross_amount),
    )


def _to_money(source: models.Money) -> Money:
    # converted through text, because Decimal(float) has binary fractions
    return Money(amount=Decimal(str(source.amount)), currency=source.currency)


def _to_amount_due(balance: models.Money) -> Money:
    # Apaleo: a negative balance is what the guest owes. The difference, because the opposite of zero is -0.00
    return Money(amount=Decimal() - Decimal(str(balance.amount)), currency=balance.currency)


def find_refusals(actions: Iterable[models.ReservationAction]) -> dict[str, Refusal]:
    """Return why actions are not allowed, by capability, as far as Apaleo gives another reason than the status."""
    refusals: dict[str, Refusal] = {}
    for action in actions:
        capability = CAPABILITY_BY_ACTION.get(action.action)
        codes = {reason.code for reason in action.reasons}
        refusal = next((refusal for code, refusal in REFUSAL_BY_CODE.items() if code in codes), None)
        if capability and refusal:
            refusals.setdefault(capability, refusal)
    return refusals


def total_due(source: models.FolioList) -> Money | None:
    """Return the amount that is due on all folios, or None if there is none.

    Raises:
        ValueError: the folios have several currencies.
    """
    if not source.folios:
        return None
    [currency] = {folio.balance.currency for folio in source.folios}
    amounts = [_to_amount_due(folio.balance).amount for folio in source.folios]
    return Money(amount=sum(amounts, Decimal()), currency=currency)


@contextmanager
def map_vendor_errors() -> Iterator[None]:
    """Raise the connectors' errors instead of those of the Apaleo client.

    Raises:
        PmsError: as listed in `orchestrator.pms.errors`.
    """
    try:
        with reject_unusable_responses():
            yield
    except NotFound as error:
        raise ReservationNotFoundError from error
    except RequestRejected as error:
        raise PmsRejectedError from error
    except VendorError as error:
        raise PmsUnavailableError(error.code or type(error).__name__, error.retry_after) from error
