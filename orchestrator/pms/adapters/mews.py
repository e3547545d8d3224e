"""The connector to Mews: reading a reservation and cancelling it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orchestrator.pms.adapters.unusable_responses import reject_unusable_responses
from orchestrator.pms.errors import (
    CapabilityNotSupportedError,
    PmsRejectedError,
    PmsUnavailableError,
    ReservationNotFoundError,
)
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import (
    BookingRequest,
    Guest,
    Money,
    Offer,
    Reservation,
    ReservationAmendment,
    ReservationStatus,
)
from orchestrator.pms.validation import normalize_phone
from orchestrator.vendors.errors import RequestRejected, VendorError
from orchestrator.vendors.mews import models
from orchestrator.vendors.mews.client import MewsClient

STATUS_FROM_MEWS: dict[str, ReservationStatus] = {
    "Inquired": "tentative",
    "Requested": "tentative",
    "Optional": "held",
    "Confirmed": "confirmed",
    "Started": "in_house",
    "Processed": "checked_out",
    "Canceled": "canceled",
}
CANCELLATION_NOTE = "Canceled by the guest on the telephone"


class MewsConnector:
    """A PmsConnector on Mews.

    Args:
        client: the Mews client.
        region: the country of phone numbers without a country code, as ISO 3166-1 alpha-2.
    """

    provider = "mews"
    capabilities = frozenset({Capability.READ_STAY, Capability.CANCEL})

    def __init__(self, client: MewsClient, region: str) -> None:
        self._client = client
        self._region = region
        self._hotel: models.Enterprise | None = None

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation, assembled from the reservation, its owner, its room and the hotel."""
        with _map_vendor_errors():
            reservation = await self._client.get_reservation(reservation_id)
            if reservation is None:
                raise ReservationNotFoundError
            hotel, guest, room = await asyncio.gather(
                self._enterprise(),
                self._guest(reservation.account_id),
                self._room(reservation.assigned_resource_id),
            )
            zone = ZoneInfo(hotel.time_zone_identifier)
            return Reservation(
                id=reservation.id,
                booking_id=reservation.group_id,
                hotel_id=hotel.id,
                status=_to_status(reservation),
                arrival=_local_date(reservation.scheduled_start_utc, zone),
                departure=_local_date(reservation.scheduled_end_utc, zone),
                adults=sum(group.count for group in reservation.person_counts),
                room=room,
                guest=guest,
            )

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation; this adapter supports no services."""
        return await self.get_reservation(reservation_id)

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:  # noqa: ARG002 - Mews has no filter by phone
        """Raise CapabilityNotSupportedError: Mews cannot search by phone number."""
        raise CapabilityNotSupportedError(Capability.FIND_BY_PHONE, self.provider)

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.OFFERS, self.provider)

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.BOOK, self.provider)

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.CHANGE, self.provider)

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation before the arrival."""
        with _map_vendor_errors():
            await self._client.cancel_reservation(reservation_id, CANCELLATION_NOTE)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.SERVICES, self.provider)

    async def check_in(self, reservation_id: str) -> None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.CHECK_IN, self.provider)

    async def check_out(self, reservation_id: str) -> None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.CHECK_OUT, self.provider)

    async def find_room(self, reservation: Reservation, name: str) -> str | None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.ASSIGN_ROOM, self.provider)

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.ASSIGN_ROOM, self.provider)

    async def get_balance(self, reservation_id: str) -> Money | None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.BALANCE, self.provider)

    async def _enterprise(self) -> models.Enterprise:
        """Return the hotel; it is read once, because the credentials belong to one hotel."""
        if self._hotel is None:
            self._hotel = (await self._client.get_configuration()).enterprise
        return self._hotel

    async def _guest(self, account_id: str) -> Guest | None:
        person = await self._client.get_customer(account_id)
        if person is None:  # the owner of the reservation is a company
            return None
        return Guest(
            last_name=person.last_name,
            first_name=person.first_name,
            phone=normalize_phone(person.phone, self._region),
            email=person.email,
            language=person.language_code[:2].lower() if person.language_code else None,
        )

    async def _room(self, resource_id: str | None) -> str | None:
        resource = await self._client.get_resource(resource_id) if resource_id else None
        return resource.name if resource else None


def _to_status(reservation: models.Reservation) -> ReservationStatus:
    # Mews has no such state: a no-show is Canceled for this reason
    if reservation.cancellation_reason == "NoShow":
        return "no_show"
    # Mews adds states without notice; an unknown one must not be taken for a confirmed stay
    return STATUS_FROM_MEWS.get(reservation.state, "tentative")


def _local_date(timestamp: datetime, zone: ZoneInfo) -> date:
    # near midnight the date in UTC is not that of the hotel
    return timestamp.astimezone(zone).date()


@contextmanager
def _map_vendor_errors() -> Iterator[None]:
    try:
        with reject_unusable_responses():
            yield
    except RequestRejected as error:
        raise PmsRejectedError from error
    except VendorError as error:
        if error.status == 403:  # Mews responds 403 to a violated business rule
            raise PmsRejectedError from error
        raise PmsUnavailableError(error.code or type(error).__name__, error.retry_after) from error
